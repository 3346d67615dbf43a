import { setTimeout as wait } from 'node:timers/promises';
import type { UnixMs } from '../model/experiment.ts';
import type { Clock } from '../ports/system.ts';
import { isErrno } from './files.ts';

/** A timer of Node's counts to here; beyond it fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now() as UnixMs,
  sleep: async (ms, signal) => {
    try {
      const options = signal === undefined ? {} : { signal };
      let left = ms;
      for (; left > LONGEST_TIMER_MS; left -= LONGEST_TIMER_MS)
        await wait(LONGEST_TIMER_MS, undefined, options);
      await wait(left, undefined, options);
    } catch (cause) {
      if (!isErrno(cause, 'ABORT_ERR')) throw cause;
    }
  },
};
