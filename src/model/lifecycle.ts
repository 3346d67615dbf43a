import { LightexError } from './errors.ts';
import type { RunEvent } from './event.ts';
import type { Run } from './run.ts';
import type { RunStatus } from './schema.generated.ts';

/**
 * The only place where a run's state changes.
 *
 *   queued -> claimed -> starting -> running -> collecting -> succeeded | failed | timed_out | cancelled | lost
 *      ^________ requeued (retry: the next claim raises the attempt) ________|
 *
 * `exited` may come from any state up to running: a job can be cancelled, end, or be impossible to start, before it was
 * seen to run. `ended` may also come from queued: another runner executed it.
 */
const FROM: Readonly<Record<RunEvent['type'], readonly RunStatus[]>> = {
  queued: [],
  adopted: [],
  claimed: ['queued'],
  starting: ['claimed'],
  started: ['starting'],
  'cancel-requested': ['queued', 'claimed', 'starting', 'running', 'collecting'],
  exited: ['queued', 'claimed', 'starting', 'running'],
  collected: ['collecting'],
  published: ['collecting'],
  requeued: ['collecting'],
  ended: ['queued', 'collecting'],
};

const FINAL: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled', 'timed_out', 'lost'];

/** True when nothing can change the run any more. */
export function isFinal(status: RunStatus): boolean {
  return FINAL.includes(status);
}

/** The run after the event. @throws LTX_RUN_TRANSITION on an event that its state does not allow. */
export function transition(run: Run, event: RunEvent): Run {
  if (!FROM[event.type].includes(run.status)) {
    throw new LightexError(
      'LTX_RUN_TRANSITION',
      `run ${run.id} is ${run.status}: it cannot take the event "${event.type}"`,
    );
  }
  return apply(run, event);
}

function apply(run: Run, event: RunEvent): Run {
  switch (event.type) {
    case 'queued':
    case 'adopted':
      return event.run;
    case 'claimed':
      return { ...run, status: 'claimed', runner: event.runner, attempt: event.attempt };
    case 'starting':
      return { ...run, status: 'starting' };
    case 'started':
      return { ...run, status: 'running', job: event.job, startedAt: event.at };
    case 'cancel-requested':
      return { ...run, cancelRequested: true };
    case 'exited':
      return { ...run, status: 'collecting', exit: event.exit, exitedAt: event.at };
    case 'collected':
    case 'published':
      return run;
    case 'requeued': {
      const { job, exit, exitedAt, startedAt, runner, ...rest } = run;
      return { ...rest, status: 'queued', reason: event.reason, notBefore: event.notBefore };
    }
    case 'ended':
      return {
        ...run,
        status: event.status,
        endedAt: event.at,
        ...(event.reason === undefined ? {} : { reason: event.reason }),
      };
  }
}
