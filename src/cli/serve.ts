import { isIP } from 'node:net';
import { openSite } from '../app/pages-site.ts';
import { LightexError } from '../model/errors.ts';
import { makeApp } from '../server/app.ts';
import { listen } from '../server/listen.ts';
import { describeError, print, say } from './output.ts';
import type { Verb } from './verbs.ts';
import { readPackageVersion } from './version.ts';

/** Serves the workspace until INT or TERM. Prints one line: its address. */
export const run: Verb = async (_, options) => {
  const host = String(options.host);
  const port = portIn(options.port);
  const site = await openSite(process.cwd());
  const app = makeApp(site, { host, version: readPackageVersion(), tell });
  const server = await listen(app, host, port);
  print(server.url);
  if (!isLoopback(host)) {
    say(`whoever reaches ${host} can read all results and ask SQL: there are no accounts`);
  }
  await interrupted();
  await server.close();
  return 0;
};

function portIn(text: unknown): number {
  const port = Number(text);
  if (String(text).trim() !== '' && Number.isInteger(port) && port >= 0 && port <= 65_535)
    return port;
  throw new LightexError('LTX_USAGE', `"${text}" is not a port: a whole number from 0 to 65535`);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

/** Errors of answers, for the one who runs the server. */
function tell(cause: unknown): void {
  if (cause instanceof LightexError && cause.fault !== 'bug') say(describeError(cause));
  else
    say(
      `error: this is a defect of LightEx: ${cause instanceof Error ? cause.stack : String(cause)}`,
    );
}
