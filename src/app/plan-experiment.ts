import { relative, resolve } from 'node:path';
import { LightexError } from '../model/errors.ts';
import type { CommitSha, Experiment, Trial } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import { parseOverrides } from '../namedconf/overrides.ts';
import { makePlan } from '../namedconf/plan.ts';
import type { TriedRun } from '../ports/store.ts';
import { triedIn } from './history.ts';
import type { WorkingCopy } from './working-copy.ts';
import { storeFolder } from './workspace.ts';

/** The texts of `-p`, `-m` and `--set`. */
export type OverrideTexts = Parameters<typeof parseOverrides>[0];

/** A trial, and what its history says about running it. */
export interface PlannedTrial {
  readonly trial: Trial;
  readonly state: 'new' | 'reused' | 'failed_before';
  readonly why: string;
}

export interface ExperimentPlan {
  readonly experiment: Experiment;
  /** The commit that the working directory equals, null when it differs from it. */
  readonly commit: CommitSha | null;
  readonly trials: readonly PlannedTrial[];
}

/** Plans an experiment of the working directory, by name or path. @throws LTX_NOT_FOUND, LTX_CONFIG_…, LTX_USAGE */
export async function planExperiment(
  copy: WorkingCopy,
  name: string,
  texts: OverrideTexts,
): Promise<ExperimentPlan> {
  const { workspace, checkout, snapshot, project, tree, vm, validate } = copy;
  const plan = await makePlan(
    findExperiment(copy, name),
    project,
    tree,
    vm,
    validate,
    parseOverrides(texts),
  );
  const tried = await triedIn(storeFolder(workspace, project.settings.store));
  const head = await checkout.head();
  return {
    experiment: plan.experiment,
    commit: head?.tree === snapshot.tree ? head.commit : null,
    trials: plan.trials.map((trial) => withHistory(trial, tried.get(trial.runId))),
  };
}

function withHistory(trial: Trial, before: TriedRun | undefined): PlannedTrial {
  if (before === undefined) return { trial, state: 'new', why: 'never tried' };
  const why = before.reason === undefined ? before.status : `${before.status}: ${before.reason}`;
  const isUnsuccessful = isFinal(before.status) && before.status !== 'succeeded';
  return { trial, state: isUnsuccessful ? 'failed_before' : 'reused', why };
}

/** An experiment by its name, else by its path. @throws LTX_NOT_FOUND, or what is wrong with its file */
function findExperiment({ project, workspace }: WorkingCopy, text: string): Experiment {
  const path = relative(workspace.root, resolve(text));
  const byName = project.experiments.find(({ name }) => name === text);
  const found = byName ?? project.experiments.find(({ file }) => file === path);
  if (found !== undefined) return found;
  const broken = [...project.invalid].find(([file]) => file === path || baseName(file) === text);
  if (broken !== undefined) throw broken[1];
  const names = project.experiments.map(({ name }) => name).join(', ');
  throw new LightexError('LTX_NOT_FOUND', `there is no experiment "${text}"`, {
    hint:
      names === '' ? 'experiments/ has none that is valid: lightex check' : `There is: ${names}`,
  });
}

const baseName = (path: string) => path.replace(/^.*\//, '').replace(/\.json(net)?$/, '');
