import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunId, UnixMs } from '../../src/model/experiment.ts';
import { type JournalFile, openJournalFile } from '../../src/store/disk/journal-file.ts';
import { aRun } from '../helpers/builders.ts';
import { namesIn, publishedAttempts } from '../helpers/daemon.ts';
import { openTestEngine, workToEnd } from '../helpers/engine.ts';
import { ScriptedMachine } from '../helpers/scripted-executor.ts';
import { ask } from '../helpers/store.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

const LINES = [1, 2, 3].map((step) => `{"metrics":{"loss":${step}},"step":${step}}`);
const RUNS = ['a', 'b', 'c'].map((letter, order) =>
  aRun({ id: letter.repeat(16), trial: { key: letter.repeat(64) }, order, queuedAt: 1 as UnixMs }),
);

type Failing = (file: JournalFile, bytes: Uint8Array) => Promise<void>;

/** How the n-th write may fail: what of it reaches the disk. */
const FAILURES: readonly (readonly [name: string, fail: Failing])[] = [
  ['nothing of it is written', async () => {}],
  ['half of it is written', (file, bytes) => file.append(bytes.subarray(0, bytes.length >> 1))],
  ['all of it is written', (file, bytes) => file.append(bytes)],
];

/** A journal file that fails at its n-th write and ever after; whether it came to that. */
function failingAt(n: number, fail: Failing) {
  const state = { writes: 0, hasFailed: false };
  const openFile = async (path: string): Promise<JournalFile> => {
    const file = await openJournalFile(path);
    return {
      ...file,
      append: async (bytes) => {
        state.writes += 1;
        if (state.writes < n) return file.append(bytes);
        if (!state.hasFailed) await fail(file, bytes);
        state.hasFailed = true;
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
    };
  };
  return { state, openFile };
}

/** Takes up what is left, queues what was never tried, works to the end: what a daemon does at each start. */
async function daemonLife(
  root: string,
  machine: ScriptedMachine,
  openFile?: (path: string) => Promise<JournalFile>,
): Promise<{ readonly failure: unknown; readonly left: number }> {
  const { engine, services, close } = await openTestEngine(root, machine, openFile);
  const { ledger, store } = services;
  let failure: unknown;
  try {
    await engine.recover();
    const tried = await store.tried();
    const fresh = RUNS.filter(
      ({ id }) => ledger.entry(id) === undefined && tried.get(id as RunId) === undefined,
    );
    await ledger.record(
      ...fresh.map((run) => ({ type: 'queued', runId: run.id, at: run.queuedAt, run }) as const),
    );
    await workToEnd(engine);
  } catch (cause) {
    failure = cause;
    await engine.finish().catch(() => {});
  }
  const left = ledger.runs().length;
  await close().catch(() => {});
  return { failure, left };
}

test.each(FAILURES)(
  'a journal that fails at any write, when %s, costs no run: the next start ends each exactly once',
  async (_, fail) => {
    for (let n = 1; ; n += 1) {
      const root = temporaryFolder();
      const machine = new ScriptedMachine(LINES);
      const { state, openFile } = failingAt(n, fail);

      const first = await daemonLife(root, machine, openFile);
      if (!state.hasFailed) {
        expect(n, 'some writes were tried').toBeGreaterThan(4);
        expect(first).toEqual({ failure: undefined, left: 0 });
        break;
      }
      expect(first.failure, `write ${n} fails the engine`).toMatchObject({
        code: 'LTX_STORE_UNAVAILABLE',
      });
      const second = await daemonLife(root, machine);

      expect(second, `after write ${n} failed`).toEqual({ failure: undefined, left: 0 });
      expect(
        publishedAttempts(root)
          .filter(({ status }) => status === 'succeeded')
          .map(({ runId }) => runId)
          .sort(),
        `after write ${n} failed`,
      ).toEqual(RUNS.map(({ id }) => id));
      expect(
        await ask(
          join(root, '.lightex/store'),
          'SELECT count(*), count(DISTINCT run_id), count(DISTINCT status) FROM runs UNION ALL SELECT count(*), count(DISTINCT run_id), count(DISTINCT value) FROM metrics',
        ),
        `after write ${n} failed`,
      ).toEqual([
        [3, 3, 1],
        [9, 3, 3],
      ]);
      expect(new Set(machine.starts).size, 'no attempt starts twice').toBe(machine.starts.length);
      expect(await machine.list(), `after write ${n} failed`).toEqual([]);
      expect(namesIn(join(root, '.lightex/store/wal'))).toEqual([]);
    }
  },
);
