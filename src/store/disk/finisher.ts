/**
 * A process of its own that turns finished attempts into files: DuckDB stays out of the process that watches runs.
 * It does one batch after the other, and ends when its channel closes.
 */

import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { logPath } from '../layout.ts';
import { type RunRow, withFiles } from '../run-row.ts';
import type { FinishAnswer, FinishAttempt, FinishRequest, FinishWork } from './finish-work.ts';
import { keepArtifact, keepOutput } from './kept-files.ts';
import { openWriter, writeBatch } from './parquet.ts';

async function finish(connection: DuckDBConnection, work: FinishWork): Promise<readonly string[]> {
  const rows: RunRow[] = [];
  for (const attempt of work.attempts) rows.push(await keepWhatItLeft(work.store, attempt));
  const wals = work.attempts.flatMap(({ row, wal }) =>
    wal === null
      ? []
      : [{ file: wal, run_id: row.run_id, attempt: row.attempt, experiment: row.experiment }],
  );
  return writeBatch(connection, work.store, work.id, rows, wals);
}

/** Its output and its artifacts into the store; the row then says where their content is. */
async function keepWhatItLeft(
  store: string,
  { row, outputs, artifactFiles }: FinishAttempt,
): Promise<RunRow> {
  for (const [rank, output] of outputs.entries())
    await keepOutput(output, join(store, logPath(row.run_id, row.attempt, rank)));
  const files = [];
  for (const { file, path } of artifactFiles) {
    const kept = await keepArtifact(file, store);
    if (kept !== undefined) files.push({ path, ...kept });
  }
  return { ...row, artifacts: withFiles(row.artifacts, files) };
}

async function answer(
  connection: Promise<DuckDBConnection>,
  { call, work }: FinishRequest,
): Promise<FinishAnswer> {
  try {
    return { call, files: await finish(await connection, work) };
  } catch (cause) {
    return { call, error: cause instanceof Error ? cause.message : String(cause) };
  }
}

function main(): void {
  // Ctrl-C reaches the whole terminal: the runner is the one that decides when the last batch is written.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  // Made by DuckDB when a batch needs it.
  const scratch = join(tmpdir(), `lightex-finisher-${process.pid}`);
  process.on('disconnect', async () => {
    await rm(scratch, { recursive: true, force: true });
    process.exit();
  });
  const connection = openWriter(scratch);
  let last: Promise<void> = Promise.resolve();
  process.on('message', (request: FinishRequest) => {
    last = last.then(async () => {
      process.send?.(await answer(connection, request));
    });
  });
}

main();
