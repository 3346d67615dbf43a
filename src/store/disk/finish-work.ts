/** What the control process and the finisher say to each other. */

import type { FinishedRun } from '../../ports/store.ts';
import type { RunRow } from '../run-row.ts';

/** One batch. Paths of `outputs`, `artifactFiles`, `wal` and `store` are absolute. */
export interface FinishWork {
  readonly store: string;
  /** Names the batch's files: unique in the store. */
  readonly id: string;
  readonly attempts: readonly FinishAttempt[];
}

export interface FinishAttempt extends Pick<FinishedRun, 'outputs' | 'artifactFiles'> {
  readonly row: RunRow;
  /** Null: it logged no points. */
  readonly wal: string | null;
}

export interface FinishRequest {
  readonly call: number;
  readonly work: FinishWork;
}

export type FinishAnswer = { readonly call: number } & (
  | { readonly files: readonly string[] }
  | { readonly error: string }
);
