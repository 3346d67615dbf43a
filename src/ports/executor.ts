import type { JobHandle, JobSpec, Observed, Offsets, OutputLine } from '../model/job.ts';
import type { ExecutorKind } from '../model/schema.generated.ts';

/**
 * Runs jobs somewhere: processes, containers, a cluster.
 *
 * Contract (tests/contract/executor.contract.ts):
 * - A job that fails is a value (`JobExit`); a rejected promise means that the executor or its surroundings failed.
 * - `start` is idempotent on (runId, attempt): what exists is adopted, never started twice. When it resolves,
 *   the job survives the death of this process.
 * - `inspect` says `gone` only when it knows; it rejects when it cannot know.
 * - `output` yields what every rank wrote, in order per rank and source, from the given offsets on; it ends when
 *   the job has ended and everything was read, or when the signal aborts. It may be called again.
 * - `stop` ends the whole job with its descendants: INT, then TERM, then KILL, `graceMs` apart; on an ended job it does nothing.
 * - `remove` deletes what the executor keeps about an ended job; twice is once.
 * - `list` names all jobs of this executor that were started and not removed, those of earlier processes too.
 */
export interface Executor {
  readonly kind: ExecutorKind;
  probe(
    signal: AbortSignal,
  ): Promise<{ readonly version: string; readonly problems: readonly string[] }>;
  start(job: JobSpec, signal: AbortSignal): Promise<JobHandle>;
  inspect(job: JobHandle): Promise<Observed>;
  output(job: JobHandle, from: Offsets, signal: AbortSignal): AsyncIterable<readonly OutputLine[]>;
  stop(job: JobHandle, graceMs: number): Promise<void>;
  remove(job: JobHandle): Promise<void>;
  list(): Promise<readonly JobHandle[]>;
}
