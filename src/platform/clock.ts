import { setTimeout as wait } from 'node:timers/promises';
import type { UnixMs } from '../model/experiment.ts';
import type { Clock } from '../ports/system.ts';
import { isErrno } from './files.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now() as UnixMs,
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (cause) {
      if (!isErrno(cause, 'ABORT_ERR')) throw cause;
    }
  },
};
