import { expect, test } from 'vitest';
import { aRun, aRunningRun, type RunOverrides } from '../../tests/helpers/builders.ts';
import type { UnixMs } from '../model/experiment.ts';
import type { Run } from '../model/run.ts';
import { RunLog } from './run-log.ts';
import { runRow } from './run-row.ts';
import {
  foldEntries,
  type LiveFile,
  type ManifestEntry,
  snapshotOf,
  triedRuns,
  unite,
} from './snapshot.ts';

const NOW = 1_000_000 as UnixMs;

function entry(n: number, add: readonly string[], ...runs: readonly Run[]): ManifestEntry {
  const tried = runs.map(({ id, trial, attempt, status }) => ({
    runId: id,
    trialKey: trial.key,
    attempt,
    status,
  }));
  return { n, full: false, add, remove: [], runs: tried };
}

function live(writer: string, at: number, ...runs: readonly Run[]): LiveFile {
  const rows = runs.map((run) => ({
    ...runRow({ run, log: new RunLog(undefined), host: 'here', now: NOW, events: [] }),
    wal: null,
  }));
  return { writer, at: at as UnixMs, runs: rows };
}

const nothing = unite([]);
const running = (overrides: RunOverrides = {}) => aRunningRun(overrides);

test('files are those of all entries of all writers, less those that any writer removed', () => {
  const compactor = { ...entry(1, ['runs/c.parquet']), remove: ['runs/a.parquet'] };

  const published = unite([
    [entry(1, ['runs/a.parquet']), entry(2, ['metrics/e/b.parquet'])],
    [compactor],
  ]);

  expect(snapshotOf(published, [], NOW)).toMatchObject({
    runFiles: ['runs/c.parquet'],
    metricFiles: ['metrics/e/b.parquet'],
  });
});

test('a published attempt hides what live files still say about it', () => {
  const published = foldEntries([entry(1, ['runs/a.parquet'], running({ status: 'failed' }))]);

  const snapshot = snapshotOf(published, [live('w', NOW, running())], NOW);

  expect(snapshot.live).toEqual([]);
});

test('of two writers the one that works on a run is believed, whichever spoke last', () => {
  const files = [live('waits', NOW - 1, aRun()), live('works', NOW - 2, running())];

  expect(snapshotOf(nothing, files, NOW).live).toMatchObject([{ status: 'running' }]);
});

test('rows of a writer that was silent for more than a minute are stale', () => {
  const isStale = (at: number) =>
    snapshotOf(nothing, [live('w', at, running())], NOW).live[0]?.stale;

  expect([isStale(NOW - 60_000), isStale(NOW - 60_001)]).toEqual([false, true]);
});

test('earlier attempts of a run are superseded, published or not', () => {
  const published = foldEntries([entry(1, ['runs/a.parquet'], running({ attempt: 1 }))]);
  const files = [live('w', NOW, running({ attempt: 3 }), running({ attempt: 2 }))];

  const { superseded } = snapshotOf(published, files, NOW);

  expect(superseded.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect([...triedRuns(published, files, NOW).values()]).toMatchObject([{ attempt: 3 }]);
});
