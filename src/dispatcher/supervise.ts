import { LightexError } from '../model/errors.ts';
import type { JobHandle, JobSpec, Offsets, OutputLine } from '../model/job.ts';
import { advance } from '../model/offsets.ts';
import type { JobExit } from '../model/run.ts';
import type { Executor } from '../ports/executor.ts';
import type { Clock } from '../ports/system.ts';

/** Why a job is to be stopped before its end: the reason that an AbortSignal carries. */
export type StopReason = 'cancelled' | 'detached';

export interface Supervision {
  readonly executor: Executor;
  readonly clock: Clock;
  /** Between INT, TERM and KILL. */
  readonly graceMs: number;
  /** Where reading goes on, for a job that was read before. */
  readonly from: Offsets;
  /** Milliseconds left of the run's timeout; undefined: none. */
  readonly timeLeftMs: number | undefined;
  /** Aborted with a `StopReason`: `cancelled` ends the job, `detached` leaves it running. */
  readonly signal: AbortSignal;
  onStarted(job: JobHandle): Promise<void>;
  onLines(lines: readonly OutputLine[]): Promise<void>;
}

/**
 * One attempt from start (or adoption, when a handle is given) to end: its output goes to `onLines`, in order.
 * How it ended; undefined when the signal detached it, so that it goes on without us. What a job that ended by itself
 * left running in the background is not waited for: stop it before its files are collected.
 */
export async function supervise(
  job: JobSpec | JobHandle,
  watch: Supervision,
): Promise<JobExit | undefined> {
  const handle = 'ref' in job ? job : await started(job, watch);
  if ('kind' in handle) return handle;
  const limit = new AbortController();
  const timer = new AbortController();
  const clock = timeout(watch, limit, timer.signal);
  const stop = AbortSignal.any([watch.signal, limit.signal]);
  try {
    const read = await readOutput(handle, watch.from, stop, watch);
    return await endOf(handle, read, stop, watch);
  } finally {
    timer.abort();
    await clock;
  }
}

async function started(
  job: JobSpec,
  { executor, signal, onStarted }: Supervision,
): Promise<JobHandle | JobExit> {
  let handle: JobHandle;
  try {
    handle = await executor.start(job, signal);
  } catch (cause) {
    return notStarted(cause);
  }
  await onStarted(handle);
  return handle;
}

/** A job that could not start is data: its surroundings may be better at the next attempt, or elsewhere. */
function notStarted(cause: unknown): JobExit {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof LightexError && cause.fault === 'user')
    return { kind: 'not-started', reason: 'config', message };
  const isFull = message.includes('ENOSPC') || message.includes('EDQUOT');
  return { kind: 'not-started', reason: isFull ? 'disk' : 'infra', message };
}

async function endOf(
  handle: JobHandle,
  read: Offsets,
  stop: AbortSignal,
  watch: Supervision,
): Promise<JobExit | undefined> {
  if (stop.aborted && stop.reason === 'detached') return undefined;
  const before = await watch.executor.inspect(handle);
  if (stop.aborted && before.state === 'running') {
    await watch.executor.stop(handle, watch.graceMs);
    await readOutput(handle, read, new AbortController().signal, watch);
    return stop.reason === 'timed-out' ? { kind: 'timed-out' } : { kind: 'cancelled' };
  }
  return before.state === 'exited' ? before.exit : { kind: 'vanished' };
}

/** Passes on what the job writes until it ends or is to stop; how far that was. */
async function readOutput(
  handle: JobHandle,
  from: Offsets,
  stop: AbortSignal,
  { executor, onLines }: Supervision,
): Promise<Offsets> {
  let read = from;
  for await (const lines of executor.output(handle, from, stop)) {
    await onLines(lines);
    read = advance(read, lines);
  }
  return read;
}

async function timeout(
  watch: Supervision,
  limit: AbortController,
  done: AbortSignal,
): Promise<void> {
  if (watch.timeLeftMs === undefined) return;
  await watch.clock.sleep(watch.timeLeftMs, done);
  if (!done.aborted) limit.abort('timed-out');
}
