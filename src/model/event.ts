/** Facts: what the journal holds about runs, and what runs log. */

import type { CommitSha, Json, RunId, UnixMs } from './experiment.ts';
import type { JobHandle } from './job.ts';
import type { FinalStatus, JobExit, Run } from './run.ts';
import type { RunReason } from './schema.generated.ts';

/** A change of one run. `ended` is the last word; recovery repeats from the first step that is missing. */
export type RunEvent = { readonly runId: RunId; readonly at: UnixMs } & (
  | { readonly type: 'queued'; readonly run: Run }
  /** Begun by another runner, which is dead: taken over as it left it. */
  | {
      readonly type: 'adopted';
      readonly run: Run;
      readonly events: readonly RunEvent[];
      readonly failures: readonly RunReason[];
      readonly collected: readonly string[] | null;
      readonly from: string;
    }
  | { readonly type: 'claimed'; readonly runner: string; readonly attempt: number }
  | { readonly type: 'starting' }
  | { readonly type: 'started'; readonly job: JobHandle }
  | { readonly type: 'cancel-requested'; readonly by: string }
  | { readonly type: 'exited'; readonly exit: JobExit }
  | { readonly type: 'collected'; readonly files: readonly string[] }
  | { readonly type: 'published' }
  | { readonly type: 'requeued'; readonly reason: RunReason; readonly notBefore: UnixMs }
  | { readonly type: 'ended'; readonly status: FinalStatus; readonly reason?: RunReason }
);

/** A branch that was looked at: journalled in the same append as the runs that it queued. */
export interface RefSeen {
  readonly type: 'ref-seen';
  readonly at: UnixMs;
  readonly ref: string;
  readonly commit: CommitSha;
}

export type JournalEvent = RunEvent | RefSeen;

/** What one protocol line says. Values that JSON lacks are the strings of the protocol until the store. */
export interface LogRecord {
  readonly metrics?: Readonly<Record<string, number>>;
  readonly params?: Readonly<Record<string, Json>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly summary?: Readonly<Record<string, Json>>;
  readonly artifact?: {
    readonly path: string;
    readonly type?: string;
    readonly name?: string;
    readonly step?: number;
  };
  /** 0 to 1. */
  readonly progress?: number;
  readonly step?: number;
  /** When it was logged; undefined: when it was read. */
  readonly at?: UnixMs;
}

/** A file that a run left behind, as it lies in the store. */
export interface Artifact {
  readonly path: string;
  readonly type?: string;
  readonly name?: string;
  readonly step?: number;
  readonly sha256: string;
  readonly bytes: number;
}

/** An answer of the store. Whole numbers that fit are numbers, times are ISO 8601 strings in UTC. */
export interface Table {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Json[])[];
  /** True when rows beyond the limit were left out. */
  readonly truncated: boolean;
}
