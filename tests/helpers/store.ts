import type { Json, UnixMs } from '../../src/model/experiment.ts';
import type { Run } from '../../src/model/run.ts';
import type { FinishedRun, LogState, QueryLimits, QueryResult } from '../../src/ports/store.ts';
import type { Clock } from '../../src/ports/system.ts';
import { openRunQuery } from '../../src/store/disk/query.ts';

export const LIMITS: QueryLimits = { maxRows: 10_000, timeoutMs: 30_000, memoryBytes: 2 ** 30 };

export const NOTHING_READ: LogState = { offsets: [], invalidLines: 0 };

/** A clock for the store under test: near the present, because readers compare with the machine's. */
export const presentClock: Clock = { now: () => Date.now() as UnixMs, sleep: async () => {} };

/** The run with nothing beside its row and its points. */
export function finished(run: Run, more: Partial<FinishedRun> = {}): FinishedRun {
  return { run, events: [], outputs: [], artifactFiles: [], ...more };
}

/** The rows of a statement that must succeed. */
export function rowsOf(result: QueryResult | undefined): readonly (readonly Json[])[] {
  if (result === undefined || !('table' in result))
    throw new Error(`no table: ${JSON.stringify(result?.error)}`);
  return result.table.rows;
}

/** Asks a store folder one statement that must succeed. */
export async function ask(folder: string, sql: string): Promise<readonly (readonly Json[])[]> {
  const [result] = await openRunQuery(folder).query([sql], LIMITS);
  return rowsOf(result);
}
