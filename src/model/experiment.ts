/** The words of configuration: what an experiment says, and the trials that it makes. */

export type Brand<T, Name extends string> = T & { readonly __brand: Name };
/** 40 (or 64) hex digits. */
export type CommitSha = Brand<string, 'CommitSha'>;
/** sha256 (hex) of everything in a commit that can change a trial's result. */
export type TrialKey = Brand<string, 'TrialKey'>;
/** 16 characters of base32, from the trial key and a re-run number: every runner computes the same. */
export type RunId = Brand<string, 'RunId'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = Brand<number, 'UnixMs'>;

export type Scalar = string | number | boolean | null;
export type Json = Scalar | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Values of some axes by dotted parameter name. */
export type Cell = Readonly<Record<string, Json>>;

export interface Objective {
  readonly metric: string;
  readonly goal: 'minimize' | 'maximize';
  /** Which value of a curve counts: the last one, or the best. */
  readonly of: 'last' | 'best';
}

export interface Resources {
  readonly cpus: number;
  /** Undefined: not accounted for. */
  readonly memoryBytes?: number;
  readonly gpus: number;
}

/** Axes in the order in which they vary (the last fastest); `include` adds cells, `exclude` removes by subset. */
export interface Matrix {
  readonly axes: readonly { readonly name: string; readonly values: readonly Json[] }[];
  readonly include: readonly Cell[];
  readonly exclude: readonly Cell[];
  /** An axis over the parameter `seed`, the fastest; empty means no such axis. */
  readonly seeds: readonly number[];
}

/** What one trial executes: an experiment's fields, evaluated for one cell, defaults filled in. */
export interface TrialSpec {
  readonly params: JsonObject;
  /** argv; never a shell string. */
  readonly command: readonly string[];
  readonly image?: string;
  readonly resources: Resources;
  readonly runsOn: readonly string[];
  /** Counts from running, for one attempt; undefined: none. */
  readonly timeoutMs?: number;
  readonly retry: { readonly attempts: number; readonly on: readonly string[] };
  readonly env: Readonly<Record<string, string>>;
  /** Git-ignored paths of the workspace that are linked into the checkout. */
  readonly link: readonly string[];
  /** Globs in the working directory, collected when the run ends. */
  readonly artifacts: readonly string[];
  /** Path in the working directory -> volume. */
  readonly data: Readonly<Record<string, string>>;
  readonly objective?: Objective;
}

/** One file under experiments/, evaluated, validated, with its defaults filled in. */
export interface Experiment {
  readonly name: string;
  /** Path of the file from the workspace's root. */
  readonly file: string;
  readonly description: string;
  readonly matrix: Matrix;
  readonly params: JsonObject;
  readonly objective?: Objective;
  /** Globs: what of the tree can change the result; undefined: the default of decisions. */
  readonly code?: readonly string[];
  readonly report: string;
  /** When a push starts it; undefined: by hand only. */
  readonly onPush?: { readonly branches: readonly string[]; readonly paths: readonly string[] };
  readonly maxParallel?: number;
  readonly priority: number;
}

/** One cell of an experiment's matrix, with everything that its run needs. */
export interface Trial {
  readonly key: TrialKey;
  readonly runId: RunId;
  readonly experiment: string;
  /** `lr=0.1 model.hidden=4 seed=0`: the cell in words, empty when there is no axis. */
  readonly label: string;
  readonly cell: Cell;
  readonly seed?: number;
  /** sha256 (hex) of the files that its experiment's `code` selects: runs of one code may be compared. */
  readonly code: string;
  readonly spec: TrialSpec;
}

export interface Plan {
  readonly experiment: Experiment;
  readonly trials: readonly Trial[];
}
