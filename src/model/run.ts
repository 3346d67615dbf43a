/** The words of execution. A failing training job is data (`JobExit`), never an exception. */

import type { CommitSha, RunId, Trial, UnixMs } from './experiment.ts';
import type { JobHandle } from './job.ts';
import type { RunReason, RunStatus } from './schema.generated.ts';

export type FinalStatus = Extract<
  RunStatus,
  'succeeded' | 'failed' | 'cancelled' | 'timed_out' | 'lost'
>;

/** How a job ended. */
export type JobExit =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'out-of-memory' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'evicted'; readonly reason: string }
  | { readonly kind: 'vanished' }
  /** It never ran: its surroundings could not be made ready. */
  | {
      readonly kind: 'not-started';
      readonly reason: 'setup' | 'disk' | 'infra' | 'config';
      readonly message: string;
    };

/** Where a run's code comes from, as people look for it. */
export interface Origin {
  readonly commit: CommitSha;
  readonly branch: string;
  readonly author: string;
  readonly message: string;
  /** Tree id of the workspace's folder at the commit. */
  readonly tree: string;
  /** Who started it: the pusher is not known, so the committer. */
  readonly user: string;
}

/** The execution of one trial at one commit; a retry is a new attempt of the same run. */
export interface Run {
  readonly id: RunId;
  readonly trial: Trial;
  readonly rerun: number;
  readonly origin: Origin;
  readonly priority: number;
  /** At most so many runs of its experiment at once. */
  readonly maxParallel?: number;
  /** Position in its plan: ties between runs of equal priority are settled by it. */
  readonly order: number;
  readonly status: RunStatus;
  readonly reason?: RunReason;
  /** 0 before the first claim; raised at each claim. It is the fence: in paths, names, environment. */
  readonly attempt: number;
  readonly runner?: string;
  readonly job?: JobHandle;
  readonly exit?: JobExit;
  readonly exitMessage?: string;
  readonly cancelRequested: boolean;
  readonly queuedAt: UnixMs;
  readonly startedAt?: UnixMs;
  readonly exitedAt?: UnixMs;
  readonly endedAt?: UnixMs;
  /** Not before this time may it be claimed again (backoff). */
  readonly notBefore?: UnixMs;
}
