import { changedBetween, isStartedBy } from '../git/trigger.ts';
import type { Problem } from '../model/errors.ts';
import type { CommitSha, Experiment, Plan, Trial, UnixMs } from '../model/experiment.ts';
import type { Origin, Run } from '../model/run.ts';
import { makePlan } from '../namedconf/plan.ts';
import { loadProject, type Project } from '../namedconf/project.ts';
import type { SourceTree } from '../namedconf/source.ts';
import type { CommitFacts, Repo, TreeEntry } from '../ports/repo.ts';
import { problemsOf } from './problems.ts';
import { sourceTree } from './source-tree.ts';
import type { Config } from './working-copy.ts';

export interface CommitPlan {
  readonly facts: CommitFacts;
  readonly plans: readonly Plan[];
  /** Files that cannot be planned; the others go on. */
  readonly problems: readonly Problem[];
  /** Experiments whose declaration or report the commit changed, perhaps without a run to start. */
  readonly retold: readonly string[];
}

/**
 * Plans of the experiments that a push of this commit to this branch starts, and what is wrong with the others.
 * A broken lightex.jsonnet speaks for all files of its commit, and for no other commit.
 */
export async function planPush(
  repo: Repo,
  config: Config,
  branch: string,
  commit: CommitSha,
  previous: CommitSha | undefined,
): Promise<CommitPlan> {
  const facts = await repo.facts(commit);
  const tree = await sourceTree(repo, facts.tree);
  let project: Project;
  try {
    project = await loadProject(tree, config.vm, config.validate);
  } catch (cause) {
    return { facts, plans: [], problems: problemsOf(cause, 'lightex.jsonnet'), retold: [] };
  }
  const changed = await changedPaths(repo, previous, tree.entries);
  const started = project.experiments.filter(({ onPush }) => isStartedBy(onPush, branch, changed));
  const { plans, problems } = await planAll(started, project, tree, config);
  return {
    facts,
    plans,
    problems: [...project.problems, ...problems],
    retold: retoldBy(changed, project.experiments),
  };
}

async function planAll(
  experiments: readonly Experiment[],
  project: Project,
  tree: SourceTree,
  { vm, validate }: Config,
): Promise<Pick<CommitPlan, 'plans' | 'problems'>> {
  const plans: Plan[] = [];
  const problems: Problem[] = [];
  for (const experiment of experiments) {
    try {
      plans.push(await makePlan(experiment, project, tree, vm, validate));
    } catch (cause) {
      problems.push(...problemsOf(cause, experiment.file));
    }
  }
  return { plans, problems };
}

/** A part in a library may be anybody's: then it counts for all. */
function retoldBy(
  changed: readonly string[] | undefined,
  experiments: readonly Experiment[],
): readonly string[] {
  const isShared = changed?.some((path) => path.endsWith('.libsonnet')) ?? false;
  const isTold = ({ file, report }: Experiment) =>
    isShared ||
    (changed ?? []).some((path) => path === file || path === `reports/${report}.jsonnet`);
  return experiments.filter(isTold).map(({ name }) => name);
}

/** The runs of a plan, queued now, in the order of the plan. */
export function runsOf(
  plan: Plan,
  facts: CommitFacts,
  branch: string,
  now: UnixMs,
): readonly Run[] {
  const origin: Origin = {
    commit: facts.commit,
    branch,
    author: facts.author,
    message: facts.message,
    tree: facts.tree,
    user: facts.committer,
  };
  return plan.trials.map((trial, order) => queuedRun(trial, plan.experiment, origin, order, now));
}

/** Splits a plan's runs into those that were never tried, and those that were. */
export function splitTried(
  runs: readonly Run[],
  tried: ReadonlySet<string>,
): { readonly fresh: readonly Run[]; readonly reused: readonly Run[] } {
  return {
    fresh: runs.filter((run) => !tried.has(run.id)),
    reused: runs.filter((run) => tried.has(run.id)),
  };
}

function queuedRun(
  trial: Trial,
  experiment: Experiment,
  origin: Origin,
  order: number,
  now: UnixMs,
): Run {
  return {
    id: trial.runId,
    trial,
    rerun: 0,
    origin,
    priority: experiment.priority,
    ...(experiment.maxParallel === undefined ? {} : { maxParallel: experiment.maxParallel }),
    order,
    status: 'queued',
    attempt: 0,
    cancelRequested: false,
    queuedAt: now,
  };
}

/** Paths that differ from the commit seen before; undefined when there is none to compare with: then all count as changed. */
async function changedPaths(
  repo: Repo,
  previous: CommitSha | undefined,
  entries: ReadonlyMap<string, TreeEntry>,
): Promise<readonly string[] | undefined> {
  if (previous === undefined) return undefined;
  try {
    return changedBetween(await repo.entries((await repo.facts(previous)).tree), [
      ...entries.values(),
    ]);
  } catch {
    return undefined; // rewritten and collected: nothing can be told to be unchanged
  }
}
