import type { CommitSha } from '../model/experiment.ts';
import type { Runner } from '../model/job.ts';
import type { Validator } from '../namedconf/validate.ts';
import type { Coordination } from '../ports/coordination.ts';
import type { Executor } from '../ports/executor.ts';
import type { Repo } from '../ports/repo.ts';
import type { RunStore } from '../ports/store.ts';
import type { Clock, ConfigVm } from '../ports/system.ts';
import type { Ledger } from './ledger.ts';
import type { Notify } from './news.ts';
import type { Workspace } from './workspace.ts';

/** What executes runs works with; made in one place, compose.ts. */
export interface Services {
  readonly workspace: Workspace;
  readonly runner: Runner;
  /** Who this is for other writers: the runner's name, or `cli`, and a random suffix. */
  readonly runnerId: string;
  /** Gives the files of a tree. */
  readonly code: Pick<Repo, 'materialise'>;
  readonly executor: Executor;
  readonly store: RunStore;
  readonly coordination: Coordination;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly notify: Notify;
  /** Builds the report of an experiment as it is at a commit; the path of the file. */
  readonly buildReport: (experiment: string, commit: CommitSha) => Promise<string>;
}

/** What a daemon works with besides: it watches a remote and plans commits. */
export interface DaemonServices extends Services {
  readonly repo: Repo;
  readonly vm: ConfigVm;
  readonly validate: Validator;
  /** The remote's folder where it is on this machine. */
  readonly remoteFolder: string | undefined;
  /** The branch that is checked out in the workspace. */
  readonly checkedOut: string | undefined;
}
