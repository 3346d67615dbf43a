import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LightexError } from '../model/errors.ts';

/** Answers under way get so long to end. */
const GRACE_MS = 2_000;

export interface Listening {
  readonly url: string;
  /** Takes no more, waits for what is under way, then ends. */
  close(): Promise<void>;
}

/** Serves at an address; port 0 takes a free one. @throws LTX_LISTEN when the address cannot be had */
export function listen(handle: RequestListener, host: string, port: number): Promise<Listening> {
  const server = createServer(handle);
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(unavailable(cause, host, port)));
    server.listen({ host, port }, () => {
      const { address, family, port: taken } = server.address() as AddressInfo;
      const name = family === 'IPv6' ? `[${address}]` : address;
      resolve({ url: `http://${name}:${taken}/`, close: () => closeSoon() });
    });
    const closeSoon = () =>
      new Promise<void>((done) => {
        server.close(() => done());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
      });
  });
}

function unavailable(cause: NodeJS.ErrnoException, host: string, port: number): LightexError {
  const [message, hint] =
    cause.code === 'EADDRINUSE'
      ? [`port ${port} of ${host} is taken`, `Take another one: lightex serve --port ${port + 1}`]
      : [
          `cannot serve at ${host} port ${port}: ${cause.message}`,
          'Name an address of this machine with --host, and a port that you may have with --port',
        ];
  return new LightexError('LTX_LISTEN', message, { hint, cause });
}
