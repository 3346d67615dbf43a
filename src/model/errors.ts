/** Whose move it is: `user` edits a file or a command, `environment` is waited for, `bug` is ours. */
export type Fault = 'user' | 'environment' | 'bug';

const CATALOGUE = {
  LTX_USAGE: 'user',
  LTX_NO_WORKSPACE: 'user',
  LTX_CONFIG_INVALID: 'user',
  LTX_CONFIG_EVALUATION: 'user',
  LTX_CONFIG_LIMIT: 'user',
  LTX_IMPORT_OUTSIDE: 'user',
  LTX_IMPORT_MISSING: 'user',
  LTX_MATRIX_TOO_LARGE: 'user',
  LTX_MATRIX_DUPLICATE: 'user',
  LTX_SNAPSHOT_REFUSED: 'user',
  LTX_NOT_FOUND: 'user',
  LTX_AMBIGUOUS: 'user',
  LTX_SQL_REFUSED: 'user',
  LTX_SQL_FAILED: 'user',
  LTX_SQL_LIMIT: 'user',
  LTX_REPORT_INVALID: 'user',
  LTX_HTTP_REFUSED: 'user',
  LTX_GIT_FAILED: 'environment',
  LTX_REMOTE_UNREACHABLE: 'environment',
  LTX_RUNNER_BUSY: 'environment',
  LTX_EXECUTOR_UNAVAILABLE: 'environment',
  LTX_STORE_UNAVAILABLE: 'environment',
  LTX_JOURNAL_CORRUPT: 'environment',
  LTX_CHILD_FAILED: 'environment',
  LTX_LISTEN: 'environment',
  LTX_RUN_TRANSITION: 'bug',
  LTX_INTERNAL: 'bug',
} as const satisfies Record<string, Fault>;

const EXIT_CODE: Readonly<Record<Fault, number>> = { user: 2, environment: 3, bug: 70 };

export type ErrorCode = keyof typeof CATALOGUE;
/** Every code there is, in the order of docs/errors.md. */
export const ERROR_CODES = Object.keys(CATALOGUE) as readonly ErrorCode[];

/** One thing that is wrong in a file: where, what was found, what to do. */
export interface Problem {
  readonly file: string;
  /** Place in the file: `12:5` (line:column) or the dotted path of the value; empty when it is the whole file. */
  readonly at: string;
  readonly message: string;
  /** The source line that `at` points to, where it is known. */
  readonly source?: string;
}

/** The only error class: what, where and which values in `message`; the next edit or command in `hint`. */
export class LightexError extends Error {
  override readonly name = 'LightexError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** All that is wrong at once, where the error is about files. */
  readonly problems: readonly Problem[];

  constructor(
    code: ErrorCode,
    message: string,
    more: { hint?: string; problems?: readonly Problem[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.hint = more.hint;
    this.problems = more.problems ?? [];
  }

  get fault(): Fault {
    return CATALOGUE[this.code];
  }

  /** The exit code of a command that ends with this error: 2 user, 3 environment, 70 bug. */
  get exitCode(): number {
    return EXIT_CODE[this.fault];
  }
}
