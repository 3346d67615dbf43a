import { describe, expect, test } from 'vitest';
import type { JournalEvent, RunEvent } from '../../src/model/event.ts';
import type { RunId, UnixMs } from '../../src/model/experiment.ts';
import type { Journal } from '../../src/ports/journal.ts';
import { aRun } from '../helpers/builders.ts';

/** The n-th event of a test. */
export function anEvent(n: number): RunEvent {
  return { type: 'starting', runId: `run-${n}` as RunId, at: n as UnixMs };
}

/** What every journal must do; `setUp` gives a function that opens the same journal again. See src/ports/journal.ts. */
export function journalContract(name: string, setUp: () => () => Promise<Journal>): void {
  describe(`${name} as a journal`, () => {
    test('a new journal holds nothing, and an append of nothing changes nothing', async () => {
      const open = setUp();
      const journal = await open();

      await journal.append([]);

      expect(await journal.replay()).toEqual([]);
      await journal.close();
    });

    test('what was appended is read back in order, by the same journal and by the next one', async () => {
      const open = setUp();
      const first = await open();
      await first.append([anEvent(1), anEvent(2)]);
      await first.append([anEvent(3)]);
      expect(await first.replay()).toEqual([1, 2, 3].map(anEvent));
      await first.close();

      const second = await open();
      await second.append([anEvent(4)]);

      expect(await second.replay()).toEqual([1, 2, 3, 4].map(anEvent));
      await second.close();
    });

    test('concurrent appends take effect in the order of the calls, each in one piece', async () => {
      const open = setUp();
      const journal = await open();
      const pairs = Array.from({ length: 200 }, (_, i) => [anEvent(2 * i), anEvent(2 * i + 1)]);

      await Promise.all(pairs.map((pair) => journal.append(pair)));

      expect(await journal.replay()).toEqual(pairs.flat());
      await journal.close();
    });

    test('an event comes back as it was, whatever its texts hold', async () => {
      const open = setUp();
      const journal = await open();
      const message = 'quotes " and \\, a line\nend, NUL \u0000, half a pair \ud800, smile 😀';
      const run = aRun({
        origin: { message },
        trial: { cell: { 'model.hidden': [1e-7, null, ''] } },
      });
      const events: readonly JournalEvent[] = [
        { type: 'queued', runId: run.id, at: run.queuedAt, run },
        { type: 'ref-seen', at: run.queuedAt, ref: 'main', commit: run.origin.commit },
      ];

      await journal.append(events);

      expect(await journal.replay()).toEqual(events);
      await journal.close();
    });
  });
}
