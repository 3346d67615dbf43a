import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { LogRecord, RunEvent } from '../../src/model/event.ts';
import type { Json, UnixMs } from '../../src/model/experiment.ts';
import type { Run } from '../../src/model/run.ts';
import type { RunStore } from '../../src/ports/store.ts';
import { aRun, aRunningRun, aSucceededRun } from '../helpers/builders.ts';
import { finished, NOTHING_READ } from '../helpers/store.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

export interface StoreUnderTest {
  /** A writer of the same store; a name that was used before is that writer after a restart. */
  readonly open: (writer?: string) => Promise<RunStore>;
  /** Rows that a reader sees now. */
  readonly ask: (sql: string) => Promise<readonly (readonly Json[])[]>;
  /** A kept file's bytes, by its path in the store. */
  readonly bytes: (path: string) => Buffer;
}

const ID = 'aaaaaaaaaaaaaaaa';
const retried = { id: ID, attempt: 2 };
const METRICS = 'SELECT key, step, value FROM metrics ORDER BY key, step, value';
const SUMMARY =
  'SELECT key, last, min, max, best, argbest_step, last_step, count, nonfinite FROM metrics_summary ORDER BY key';

async function publish(store: RunStore, ...runs: readonly Run[]): Promise<void> {
  await store.publish(runs, await store.finish(runs.map((run) => finished(run))));
}

const points = (key: string, values: readonly number[], from = 0): readonly LogRecord[] =>
  values.map((value, index) => ({
    metrics: { [key]: value },
    step: from + index,
    at: (1_000 + index) as UnixMs,
  }));

/** What every store must do; see src/ports/store.ts. */
export function runStoreContract(name: string, setUp: () => StoreUnderTest): void {
  describe(`${name} as a run store`, () => {
    test('a run is seen as ended only when it was published', async () => {
      const { open, ask } = setUp();
      const store = await open();
      const [running, ended] = [aRunningRun(), aSucceededRun()];
      await store.log(running, points('loss', [3, 2, 1]), NOTHING_READ);
      await store.showLive([running]);

      const files = await store.finish([finished(ended)]);
      const before = await ask('SELECT status, objective, ended_at FROM runs');
      await store.publish([ended], files);

      expect(before).toEqual([['running', 1, null]]);
      expect(
        await ask('SELECT status, attempt, objective, ended_at, duration_s FROM runs'),
      ).toEqual([['succeeded', 1, 1, '2026-01-02T03:04:17.000Z', 10]]);
      expect(await ask(METRICS)).toEqual([0, 1, 2].map((step) => ['loss', step, 3 - step]));
    });

    test('points of a run are seen while it runs, once', async () => {
      const { open, ask } = setUp();
      const store = await open();
      const run = aRunningRun();
      await store.log(run, points('loss', [1]), NOTHING_READ);
      await store.showLive([run]);

      await store.log(run, points('loss', [2], 1), NOTHING_READ);

      expect(await ask(METRICS)).toEqual([
        ['loss', 0, 1],
        ['loss', 1, 2],
      ]);
    });

    test('finish and publish may be repeated, also by the next process, and show a run once', async () => {
      const { open, ask } = setUp();
      const run = aSucceededRun();
      const store = await open();
      await store.log(run, points('loss', [1]), NOTHING_READ);
      await store.finish([finished(run)]);
      const files = await store.finish([finished(run)]);
      await store.publish([run], files);
      await store.publish([run], files);

      await publish(store, run);
      await publish(await open(), run);

      expect(await ask('SELECT count(*) FROM attempts')).toEqual([[1]]);
      expect(await ask(METRICS)).toEqual([['loss', 0, 1]]);
    });

    test('a restart goes on where the last acknowledged batch ended', async () => {
      const { open, ask } = setUp();
      const run = aRunningRun();
      const state = {
        offsets: [{ rank: 0, source: 'log', bytes: 120 }] as const,
        invalidLines: 2,
      };
      const first = await open();
      await first.log(run, [{ metrics: { loss: 5 } }, { metrics: { loss: 4 } }], state);

      const second = await open();
      const read = await second.logState(run);
      await second.log(run, [{ metrics: { loss: 3 } }], state);
      await publish(second, aSucceededRun());

      expect(read).toEqual(state);
      expect(await ask(METRICS)).toEqual([
        ['loss', 0, 5],
        ['loss', 1, 4],
        ['loss', 2, 3],
      ]);
      expect(await ask('SELECT invalid_lines, points FROM runs')).toEqual([[2, 3]]);
    });

    test('a run that never logged has no state and no points', async () => {
      const { open, ask } = setUp();
      const store = await open();

      const state = await store.logState(aRunningRun());
      await publish(store, aSucceededRun());

      expect(state).toEqual({ offsets: [], invalidLines: 0 });
      expect(await ask('SELECT metrics, objective, points FROM runs')).toEqual([[{}, null, 0]]);
    });

    test('NaN and the infinities come back as such, and summaries leave them out', async () => {
      const { open, ask } = setUp();
      const store = await open();
      const run = aSucceededRun();
      await store.log(
        run,
        [
          ...points('loss', [3, 1, Number.NaN, 2, Number.NEGATIVE_INFINITY]),
          ...points('odd', [Number.POSITIVE_INFINITY]),
        ],
        NOTHING_READ,
      );

      await publish(store, run);

      expect(await ask(METRICS)).toEqual([
        ['loss', 0, 3],
        ['loss', 1, 1],
        ['loss', 2, 'NaN'],
        ['loss', 3, 2],
        ['loss', 4, '-Infinity'],
        ['odd', 0, 'Infinity'],
      ]);
      expect(await ask(SUMMARY)).toEqual([
        ['loss', 2, 1, 3, 1, 1, 3, 3, 2],
        ['odd', null, null, null, null, null, null, 0, 1],
      ]);
      expect(await ask('SELECT metrics, objective FROM runs')).toEqual([
        [{ loss: 2, odd: null }, 2],
      ]);
    });

    test('a second attempt hides the points of the first from where it began', async () => {
      const { open, ask } = setUp();
      const store = await open();
      await store.log(aRunningRun(), points('loss', [9, 8, 7, 6]), NOTHING_READ);
      await publish(store, aSucceededRun({ status: 'failed', reason: 'infra' }));
      const second = aRunningRun({ attempt: 2 });
      await store.log(second, points('loss', [5, 4], 2), NOTHING_READ);
      await store.showLive([second]);
      const history = [9, 8, 5, 4].map((value, step) => ['loss', step, value]);

      const whileRunning = await ask(METRICS);
      await publish(store, aSucceededRun({ attempt: 2 }));

      expect(whileRunning).toEqual(history);
      expect(await ask(METRICS)).toEqual(history);
      expect(await ask('SELECT attempt, status, points, objective FROM runs')).toEqual([
        [2, 'succeeded', 4, 4],
      ]);
      expect(
        await ask('SELECT attempt, status, reason, points FROM attempts ORDER BY attempt'),
      ).toEqual([
        [1, 'failed', 'infra', 4],
        [2, 'succeeded', null, 2],
      ]);
    });

    test('the summary of a history in two attempts is that of the same points in one', async () => {
      const { open, ask } = setUp();
      const whole = await open('whole');
      const values = [4, Number.NaN, 1, 3, 1, 2];
      const objective = { metric: 'loss', goal: 'minimize', of: 'best' } as const;
      const trial = { spec: { objective } };
      const one = aSucceededRun({ id: 'b'.repeat(16), trial });
      await whole.log(one, [...points('loss', values), ...points('acc', values)], NOTHING_READ);
      await publish(whole, one);

      await whole.log(
        aRunningRun({ trial }),
        [...points('loss', values.slice(0, 3)), ...points('acc', values.slice(0, 3))],
        NOTHING_READ,
      );
      await publish(whole, aSucceededRun({ status: 'failed', trial }));
      await whole.log(
        aRunningRun({ attempt: 2, trial }),
        [...points('loss', values.slice(3), 3), ...points('acc', values.slice(3), 3)],
        NOTHING_READ,
      );
      await publish(whole, aSucceededRun({ attempt: 2, trial }));

      const of = (id: string) =>
        ask(`${SUMMARY.replace('ORDER BY', `WHERE run_id = '${id}' ORDER BY`)}`);
      expect(await of(ID)).toEqual(await of(one.id));
      const rows = await ask('SELECT metrics, objective, points FROM runs');
      expect(rows).toEqual([rows[0], rows[0]]);
      expect(rows[0]).toEqual([{ acc: 2, loss: 2 }, 1, 12]);
    });

    test('a run that waits for its next attempt is queued, though an attempt failed before', async () => {
      const { open, ask } = setUp();
      const store = await open();
      await publish(store, aSucceededRun({ status: 'failed' }));

      await store.showLive([aRun({ attempt: 1, reason: 'infra' })]);

      expect(await ask('SELECT attempt, status FROM runs')).toEqual([[2, 'queued']]);
      expect((await store.tried()).get(aRun().id)).toMatchObject({ attempt: 2, status: 'queued' });
    });

    test('of several words on one attempt the best counts: finished, then at work, then queued', async () => {
      const { open, ask } = setUp();
      const [one, other] = [await open('one'), await open('other')];
      await one.showLive([aRunningRun()]);
      await other.showLive([aRun(), aRun({ id: 'b'.repeat(16) })]);

      const live = await ask('SELECT run_id, status FROM runs ORDER BY run_id');
      await publish(one, aSucceededRun());
      const ended = await ask('SELECT run_id, status FROM runs ORDER BY run_id');

      expect(live).toEqual([
        [ID, 'running'],
        ['b'.repeat(16), 'queued'],
      ]);
      expect(ended).toEqual([
        [ID, 'succeeded'],
        ['b'.repeat(16), 'queued'],
      ]);
    });

    test('showLive replaces what this writer showed, and nothing of another', async () => {
      const { open, ask } = setUp();
      const [one, other] = [await open('one'), await open('other')];
      await one.showLive([aRun()]);
      await other.showLive([aRun({ id: 'b'.repeat(16) })]);

      await one.showLive([]);

      expect(await ask('SELECT run_id FROM runs')).toEqual([['b'.repeat(16)]]);
    });

    test('tried knows the runs of all writers, ended and not', async () => {
      const { open } = setUp();
      const [one, other] = [await open('one'), await open('other')];
      await publish(one, aSucceededRun({ ...retried, status: 'failed', reason: 'exit' }));
      await other.showLive([aRun({ id: 'b'.repeat(16), trial: { key: 'b'.repeat(64) } })]);

      const tried = await (await open('third')).tried();

      expect([...tried.values()]).toEqual([
        { runId: ID, trialKey: 'a'.repeat(64), attempt: 2, status: 'failed', reason: 'exit' },
        { runId: 'b'.repeat(16), trialKey: 'b'.repeat(64), attempt: 1, status: 'queued' },
      ]);
    });

    test("what a gone writer said is another one's: its history stays, its unfinished runs are shown no more", async () => {
      const { open, ask } = setUp();
      const [gone, heir] = [await open('gone'), await open('heir')];
      const [ended, running] = [aSucceededRun(), aRunningRun({ id: 'bbbbbbbbbbbbbbbb' })];
      await gone.log(ended, points('loss', [2, 1]), NOTHING_READ);
      await publish(gone, ended);
      await gone.showLive([running]);
      const rows = 'SELECT run_id, status FROM runs ORDER BY run_id';

      await heir.takeOver('gone');
      await heir.takeOver('gone');

      expect(await ask(rows)).toEqual([['aaaaaaaaaaaaaaaa', 'succeeded']]);
      expect(await ask(METRICS)).toHaveLength(2);
      expect([...(await (await open('heir')).tried()).keys()]).toEqual(['aaaaaaaaaaaaaaaa']);
    });

    test('more than a hundred publications are all seen, by the next process too', async () => {
      const { open, ask } = setUp();
      const store = await open();
      for (let n = 0; n < 140; n += 1) {
        const id = String(n).padStart(16, '0');
        await publish(store, aSucceededRun({ id }));
      }

      const next = await open();
      await publish(next, aSucceededRun({ id: 'z'.repeat(16) }));

      expect(await ask('SELECT count(*), count(DISTINCT run_id) FROM attempts')).toEqual([
        [141, 141],
      ]);
      expect((await next.tried()).size).toBe(141);
    });

    test('parameters, tags, summary, artifacts, output and events are kept with the run', async () => {
      const { open, ask, bytes } = setUp();
      const store = await open();
      const folder = temporaryFolder();
      writeFileSync(join(folder, 'out.log'), 'epoch 1\nepoch 2\n');
      writeFileSync(join(folder, 'model.bin'), 'weights');
      writeFileSync(join(folder, 'extra.txt'), 'more');
      const run = aSucceededRun({ trial: { spec: { link: ['.venv'] } } });
      await store.log(
        run,
        [
          { params: { 'model.hidden': 8, depth: { n: 2 } } },
          { tags: { kind: 'first', odd: "it's \ud800 \u0000" }, progress: 0.5 },
          { summary: { note: ['a', 1] } },
          { artifact: { path: './model.bin', type: 'model', name: 'best' }, step: 3 },
          { artifact: { path: 'gone.bin' } },
        ],
        NOTHING_READ,
      );
      const events: readonly RunEvent[] = [
        { type: 'claimed', runId: run.id, at: 5 as UnixMs, runner: 'lab1', attempt: 1 },
        { type: 'ended', runId: run.id, at: 9 as UnixMs, status: 'succeeded' },
      ];

      const files = await store.finish([
        finished(run, {
          events,
          outputs: [join(folder, 'out.log'), join(folder, 'rank-1-never-started.log')],
          artifactFiles: ['model.bin', 'extra.txt'].map((path) => ({
            file: join(folder, path),
            path,
          })),
        }),
      ]);
      await store.publish([run], files);

      expect(await ask('SELECT key, value, number FROM params ORDER BY key')).toEqual([
        ['depth.n', '2', 2],
        ['lr', '0.1', 0.1],
        ['model.hidden', '8', 8],
        ['seed', '0', 0],
      ]);
      expect(await ask('SELECT params, tags, summary, progress, links FROM runs')).toEqual([
        [
          { lr: 0.1, seed: 0, model: { hidden: 8 }, 'depth.n': 2 },
          { kind: 'first', odd: "it's \ufffd \u0000" },
          { note: ['a', 1] },
          0.5,
          ['.venv'],
        ],
      ]);
      const artifacts = await ask(
        'SELECT path, type, name, step, bytes, sha256 FROM artifacts ORDER BY path',
      );
      expect(artifacts.map((row) => row.slice(0, 5))).toEqual([
        ['extra.txt', null, null, null, 4],
        ['gone.bin', null, null, null, null],
        ['model.bin', 'model', 'best', 3, 7],
      ]);
      const sha256 = String(artifacts[2]?.[5]);
      expect(bytes(`artifacts/${sha256.slice(0, 2)}/${sha256}`).toString()).toBe('weights');
      expect(gunzipSync(bytes(`logs/${ID}/1.0.log.gz`)).toString()).toBe('epoch 1\nepoch 2\n');
      expect(
        await ask('SELECT epoch_ms("at")::BIGINT, type, status, detail FROM events ORDER BY 1'),
      ).toEqual([
        [5, 'claimed', 'claimed', { runner: 'lab1', attempt: 1 }],
        [9, 'ended', 'succeeded', {}],
      ]);
      expect(readFileSync(join(folder, 'model.bin'), 'utf8')).toBe('weights');
    });

    test('runs that succeeded, failed, were cancelled in the queue or never started are told apart', async () => {
      const { open, ask } = setUp();
      const store = await open();
      const ids = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(16));
      await publish(
        store,
        aSucceededRun({
          id: ids[0] ?? '',
          exit: { kind: 'exited', code: 3 },
          status: 'failed',
          reason: 'exit',
          exitMessage: 'exit code 3',
        }),
        aSucceededRun({
          id: ids[1] ?? '',
          exit: { kind: 'signalled', signal: 'SIGKILL' },
          status: 'failed',
          reason: 'signal',
        }),
        aRun({
          id: ids[2] ?? '',
          status: 'cancelled',
          reason: 'cancelled',
          endedAt: 1_767_323_050_000 as UnixMs,
        }),
        aRunningRun({
          id: ids[3] ?? '',
          status: 'failed',
          reason: 'setup',
          exit: { kind: 'not-started', reason: 'setup', message: 'npm ci failed' },
        }),
      );

      const rows = await ask(
        'SELECT status, reason, error, exit_code, signal, host IS NOT NULL FROM runs ORDER BY run_id',
      );

      expect(rows).toEqual([
        ['failed', 'exit', 'exit code 3', 3, null, true],
        ['failed', 'signal', null, null, 'SIGKILL', true],
        ['cancelled', 'cancelled', null, null, null, false],
        ['failed', 'setup', 'npm ci failed', null, null, true],
      ]);
    });
  });
}
