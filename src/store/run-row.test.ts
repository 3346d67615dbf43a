import { expect, test } from 'vitest';
import { aRun, aRunningRun, aSucceededRun } from '../../tests/helpers/builders.ts';
import type { JsonObject, UnixMs } from '../model/experiment.ts';
import type { Run } from '../model/run.ts';
import { RunLog } from './run-log.ts';
import { rowAttempt, runRow, withFiles } from './run-row.ts';

function rowOf(run: Run, params: JsonObject = {}) {
  const log = new RunLog(run.trial.spec.objective);
  log.apply({ params });
  return runRow({ run, log, host: 'here', now: (run.queuedAt + 5_000) as UnixMs, events: [] });
}

test.each([
  ['that was never claimed is about its first attempt', aRun(), 1],
  ['that waits for a retry is about the next', aRun({ attempt: 1 }), 2],
  ['that runs is about the one that runs', aRunningRun({ attempt: 2 }), 2],
  [
    'that was cancelled in the queue is about the one that it waited for',
    aRun({ attempt: 1, status: 'cancelled' }),
    2,
  ],
  [
    'that was cancelled while it ran is about that one',
    aSucceededRun({ status: 'cancelled', exit: { kind: 'cancelled' } }),
    1,
  ],
])('a row of a run %s', (_, run, attempt) => {
  expect(rowAttempt(run)).toBe(attempt);
});

test('what the code logged lies over the planned parameters, nested or by dotted key', () => {
  const run = aRun({ trial: { spec: { params: { lr: 1, model: { hidden: 4, act: 'tanh' } } } } });

  const row = rowOf(run, {
    'model.hidden': 8,
    model: { depth: 2 },
    'new.key': [1],
    __proto__: { x: 1 },
  });

  expect(row.params).toEqual({
    lr: 1,
    model: { hidden: 8, act: 'tanh', depth: 2 },
    'new.key': [1],
  });
  expect(row.param_values).toContainEqual({ key: 'new.key', value: '[1]', number: null });
  expect(row.param_values).toContainEqual({ key: 'model.hidden', value: '8', number: 8 });
});

test('a running run lasts until now, an ended one until its job ended', () => {
  expect(rowOf(aRunningRun())).toMatchObject({ ended_at: null, duration_s: 3 });
  expect(rowOf(aSucceededRun())).toMatchObject({ duration_s: 10, host: 'here' });
  expect(rowOf(aRun())).toMatchObject({ started_at: null, duration_s: null, host: null });
});

test('files are found by the path that the code gave, and the others come after them', () => {
  const named = { path: 'm.bin', type: 'model', name: null, step: 1, sha256: null, bytes: null };
  const file = (path: string) => ({ path, sha256: 'ab', bytes: 2 });

  const rows = withFiles([named, { ...named, path: 'gone' }], [file('x'), file('./m.bin')]);

  expect(rows).toEqual([
    { ...named, sha256: 'ab', bytes: 2 },
    { ...named, path: 'gone' },
    { ...named, path: 'x', type: null, step: null, sha256: 'ab', bytes: 2 },
  ]);
});
