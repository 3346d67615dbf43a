import type { UnixMs } from '../model/experiment.ts';
import type { FinalStatus, JobExit, Run } from '../model/run.ts';
import type { RunReason } from '../model/schema.generated.ts';

/** Exit code by which a program asks to be run again, from its checkpoints. */
const REQUEUE_CODE = 75;
const BACKOFF_MS = 10_000;
/** The surroundings' failures are repeated so often without counting against `retry.attempts`. */
const FREE_RETRIES = 3;
const SURROUNDINGS: readonly RunReason[] = [
  'lost',
  'evicted',
  'preempted',
  'infra',
  'image',
  'disk',
];

export type Outcome =
  | { readonly next: 'end'; readonly status: FinalStatus; readonly reason?: RunReason }
  | {
      readonly next: 'requeue';
      /** How this attempt ended. */
      readonly status: FinalStatus;
      readonly reason: RunReason;
      readonly notBefore: UnixMs;
    };

/**
 * What follows from how an attempt ended: the run's final state, or another attempt, 10 s × 2ⁿ later.
 * `failures` are the reasons of the run's earlier attempts.
 */
export function outcomeOf(
  run: Run,
  exit: JobExit,
  failures: readonly RunReason[],
  now: UnixMs,
): Outcome {
  if (exit.kind === 'exited' && exit.code === 0) return { next: 'end', status: 'succeeded' };
  const { status, reason } = failureOf(exit);
  if (run.cancelRequested) return { next: 'end', status: 'cancelled', reason: 'cancelled' };
  if (!mayRetry(run, reason, failures)) return { next: 'end', status, reason };
  const backoffMs = reason === 'requeue' ? 0 : BACKOFF_MS * 2 ** failures.length;
  return { next: 'requeue', status, reason, notBefore: (now + backoffMs) as UnixMs };
}

function mayRetry(run: Run, reason: RunReason, failures: readonly RunReason[]): boolean {
  const { attempts, on } = run.trial.spec.retry;
  if (reason === 'requeue') return true;
  if (!on.includes(reason)) return false;
  const isSurroundings = (one: RunReason) => SURROUNDINGS.includes(one);
  if (isSurroundings(reason)) return failures.filter(isSurroundings).length < FREE_RETRIES;
  return failures.filter((one) => !isSurroundings(one) && one !== 'requeue').length + 1 < attempts;
}

function failureOf(exit: JobExit): { status: FinalStatus; reason: RunReason } {
  switch (exit.kind) {
    case 'exited':
      return { status: 'failed', reason: exit.code === REQUEUE_CODE ? 'requeue' : 'exit' };
    case 'signalled':
      return { status: 'failed', reason: 'signal' };
    case 'out-of-memory':
      return { status: 'failed', reason: 'oom' };
    case 'timed-out':
      return { status: 'timed_out', reason: 'timeout' };
    case 'cancelled':
      return { status: 'cancelled', reason: 'cancelled' };
    case 'evicted':
      return { status: 'lost', reason: 'evicted' };
    case 'vanished':
      return { status: 'lost', reason: 'lost' };
    case 'not-started':
      return { status: 'failed', reason: exit.reason };
  }
}

/** The exit in words, for people: `exit code 3`, `killed by SIGKILL`. */
export function describeExit(exit: JobExit): string {
  switch (exit.kind) {
    case 'exited':
      return exit.code === 127 ? 'exit code 127 (command not found)' : `exit code ${exit.code}`;
    case 'signalled':
      return `killed by ${exit.signal}`;
    case 'out-of-memory':
      return 'out of memory';
    case 'timed-out':
      return 'ran longer than its timeout';
    case 'cancelled':
      return 'cancelled';
    case 'evicted':
      return `evicted: ${exit.reason}`;
    case 'vanished':
      return 'its process is gone and left no exit code';
    case 'not-started':
      return exit.message;
  }
}
