/** What a query and its child process say to each other. */

import type { ErrorCode } from '../../model/errors.ts';
import type { QueryResult } from '../../ports/store.ts';

export interface QueryWork {
  /** Absolute path. */
  readonly store: string;
  readonly statements: readonly string[];
  readonly maxRows: number;
  /** Of all answers together. */
  readonly maxBytes: number;
  /** For DuckDB alone. */
  readonly memoryBytes: number;
}

/** Of two answers to one statement the later counts. */
export interface QueryAnswer {
  readonly index: number;
  readonly result: QueryResult;
}

/** A line of the child's standard output: an answer, or why there can be none at all. */
export type QueryLine =
  | QueryAnswer
  | {
      readonly failed: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly hint?: string;
      };
    };
