import { expect, test } from 'vitest';
import type { RunId } from '../model/experiment.ts';
import type { RunStatus } from '../model/schema.generated.ts';
import { statusRows, type Word } from './status.ts';

const NOW = 1_000_000;

function word(writer: string, at: number, ...statuses: readonly RunStatus[]): Word {
  const run = (status: RunStatus, index: number) => ({
    run_id: `${writer}${index}` as RunId,
    experiment: 'e',
    trial: 't',
    status,
    attempt: 1,
    started_at: status === 'queued' ? null : NOW - 5_000,
    queued_at: NOW - 9_000,
    progress: null,
  });
  return { writer, at, runs: statuses.map(run) };
}

test('what runs comes first, what ended is left out, and each says for how long', () => {
  const rows = statusRows(
    [word('a', NOW, 'queued', 'running', 'succeeded'), word('b', NOW, 'starting')],
    NOW,
  );

  expect(rows.map(({ run_id, status, seconds }) => [run_id, status, seconds])).toEqual([
    ['a1', 'running', 5],
    ['b0', 'starting', 5],
    ['a0', 'queued', 9],
  ]);
});

test('a writer that was silent for a minute makes its runs stale, and changes no status', () => {
  const rows = statusRows(
    [word('a', NOW - 60_001, 'running'), word('b', NOW - 60_000, 'running')],
    NOW,
  );

  expect(rows.map(({ status, stale }) => [status, stale])).toEqual([
    ['running', true],
    ['running', false],
  ]);
});
