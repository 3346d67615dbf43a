/** The words between dispatcher and executors. */

import type { JsonObject, Resources, RunId } from './experiment.ts';
import type { JobExit } from './run.ts';
import type { ExecutorKind } from './schema.generated.ts';

/** What an executor is given: fully resolved, no templates, no defaults, no look-ups left. */
export interface JobSpec {
  readonly runId: RunId;
  readonly attempt: number;
  readonly argv: readonly string[];
  /** The whole environment of the job, paths as the job sees them. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to the file that `LIGHTEX_PARAMS` names. */
  readonly params: JsonObject;
  /** Folder with the commit's files, shared by runs: copied from, never written to. */
  readonly codeFolder: string;
  /** Path in the working directory -> absolute path on the host that it links to. */
  readonly links: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly resources: Resources;
}

/** Enough to find the job again after a restart. */
export interface JobHandle {
  readonly executor: ExecutorKind;
  readonly runId: RunId;
  readonly attempt: number;
  /** The executor's own name of it: an attempt folder, a container, a namespace and name. */
  readonly ref: string;
}

export type Observed =
  | { readonly state: 'pending' }
  | { readonly state: 'running' }
  | { readonly state: 'exited'; readonly exit: JobExit }
  | { readonly state: 'gone' };

/** A line that a job wrote, without its line end. `offset` counts bytes to the end of the line. */
export interface OutputLine {
  readonly rank: number;
  readonly source: 'output' | 'log';
  readonly line: string;
  readonly offset: number;
}

/** Bytes already read, by rank and source. */
export type Offsets = readonly {
  readonly rank: number;
  readonly source: OutputLine['source'];
  readonly bytes: number;
}[];

/** One file under runners/, with its defaults filled in: what one daemon offers. */
export interface Runner {
  readonly name: string;
  /** Declared and implied ones (os, arch, executor kind, name, what is installed). */
  readonly labels: readonly string[];
  readonly executor: ExecutorKind;
  readonly capacity: Required<Resources>;
  readonly maxParallel: number;
  readonly volumes: Readonly<Record<string, string>>;
  readonly watch: { readonly remote: string; readonly pollMs: number };
  /** Globs of branches that may run here; undefined: the remote's default branch. */
  readonly trustBranches?: readonly string[];
  /** Variables of the runner's own environment that pass to runs. */
  readonly env: readonly string[];
}
