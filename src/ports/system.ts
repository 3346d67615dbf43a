import type { Json, UnixMs } from '../model/experiment.ts';

export interface Clock {
  now(): UnixMs;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One line per change of state; the event is a static name, its values are fields. */
export interface Logger {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** The files that an evaluation may see: path from the workspace's root -> text. */
export type SourceFiles = ReadonlyMap<string, string>;

/** A value, or why there is none: `at` is `line:column` in `file` where the evaluator said so. */
export type Evaluated =
  | { readonly value: Json }
  | {
      readonly error: {
        readonly message: string;
        readonly file?: string;
        readonly line?: number;
        readonly column?: number;
        /** True when a limit ended it: it may need more than it was given, or may not end at all. */
        readonly limited?: boolean;
      };
    };

/**
 * Evaluates Jsonnet hermetically: only the given files and the shipped library can be imported.
 *
 * Contract (tests/contract/config-vm.contract.ts):
 * - One answer per snippet, in order; a snippet that fails, loops or eats memory costs only its own answer.
 * - Time and memory are limited; going beyond is an answer with an error that names the limit.
 * - Nothing outside of `files` is read, whatever the snippet asks for.
 */
export interface ConfigVm {
  evaluate(files: SourceFiles, snippets: readonly string[]): Promise<readonly Evaluated[]>;
}
