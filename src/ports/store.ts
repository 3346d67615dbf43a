import type { ErrorCode } from '../model/errors.ts';
import type { LogRecord, RunEvent, Table } from '../model/event.ts';
import type { RunId, TrialKey } from '../model/experiment.ts';
import type { Offsets } from '../model/job.ts';
import type { Run } from '../model/run.ts';
import type { RunReason, RunStatus } from '../model/schema.generated.ts';

/** What of a run's log was read so far, and how much of it could not be understood. */
export interface LogState {
  readonly offsets: Offsets;
  /** Protocol lines that were not valid. */
  readonly invalidLines: number;
}

/** What was tried: a row of a manifest or of a live file, enough to know without SQL what a push must not start again. */
export interface TriedRun {
  readonly runId: RunId;
  readonly trialKey: TrialKey;
  readonly attempt: number;
  readonly status: RunStatus;
  readonly reason?: RunReason;
  /** Its writer has been silent: nobody may be working on it. */
  readonly stale?: true;
}

/** A run that ended, with everything about it that goes into the history. */
export interface FinishedRun {
  /** In its final state. */
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** Absolute paths of the captured output by rank. */
  readonly outputs: readonly string[];
  /** Absolute folder and paths in it of what the run left behind. */
  readonly artifactFiles: readonly { readonly file: string; readonly path: string }[];
}

/**
 * The history of runs: one writer per process, readers anywhere.
 *
 * Contract (tests/contract/run-store.contract.ts):
 * - `log` resolves when the records survive the death of the process; `logState` tells a restart where to go on.
 * - `finish` writes files under names of their own, `publish` makes all of them visible at once: before it no reader
 *   sees the runs as ended, after it every reader does. Both may be repeated.
 * - `showLive` replaces what readers see of this writer's unfinished runs.
 */
export interface RunStore {
  log(run: Run, records: readonly LogRecord[], state: LogState): Promise<void>;
  logState(run: Run): Promise<LogState>;
  /** Files of the finished runs, relative to the store, for `publish`. */
  finish(runs: readonly FinishedRun[]): Promise<readonly string[]>;
  publish(runs: readonly Run[], files: readonly string[]): Promise<void>;
  showLive(runs: readonly Run[]): Promise<void>;
  /** What a writer that is gone said is this writer's now: the history that it published, and its unfinished runs. */
  takeOver(writer: string): Promise<void>;
  /** All writers' runs, ended and not, newest attempt of each. */
  tried(): Promise<ReadonlyMap<RunId, TriedRun>>;
}

/** A table, or why there is none. Codes: LTX_SQL_REFUSED, LTX_SQL_FAILED, LTX_SQL_LIMIT. */
export type QueryResult =
  | { readonly table: Table }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };

export interface QueryLimits {
  /** Rows of one answer; more are left out, and the table says so. */
  readonly maxRows: number;
  /** For all queries of one call together. */
  readonly timeoutMs: number;
  readonly memoryBytes: number;
}

/**
 * Read-only SQL over the views, for people: what they ask is not trusted.
 *
 * Contract (tests/contract/run-query.contract.ts):
 * - One answer per statement, in order; all see the same state of the history. A statement that fails costs only its own answer.
 * - Each statement is one SELECT (or what prepares as one); everything else is LTX_SQL_REFUSED, and nothing outside the store is read.
 * - Beyond a limit the answer is LTX_SQL_LIMIT, and whatever worked on it is gone.
 * - Works while writers write, and on a store that nothing was written to yet (views without rows).
 */
export interface RunQuery {
  query(statements: readonly string[], limits: QueryLimits): Promise<readonly QueryResult[]>;
}
