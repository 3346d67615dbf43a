import {
  type ExperimentPlan,
  type OverrideTexts,
  type PlannedTrial,
  planExperiment,
} from '../app/plan-experiment.ts';
import { withWorkingCopy } from '../app/working-copy.ts';
import { LightexError } from '../model/errors.ts';
import { cell, print, printJson, say, styled, table } from './output.ts';
import type { Verb } from './verbs.ts';

/** Shows what a push of the working directory would start, and what was tried before. */
export const run: Verb = async ([name = ''], options) => {
  const { trial, json } = options;
  const texts = overrideTexts(options);
  const plan = await withWorkingCopy(process.cwd(), (copy) => planExperiment(copy, name, texts));
  if (trial !== undefined) printJson(oneOf(plan, String(trial)));
  else if (json)
    printJson({
      experiment: plan.experiment.name,
      commit: plan.commit,
      trials: plan.trials.map(describe),
    });
  else
    printPlan(
      plan,
      Object.values(texts).some((list) => list.length > 0),
    );
  return 0;
};

function describe({ trial, state, why }: PlannedTrial): object {
  const { label, runId, key, cell, seed, spec } = trial;
  return {
    label,
    run_id: runId,
    trial_key: key,
    cell,
    params: spec.params,
    seed: seed ?? null,
    command: spec.command,
    state,
    why,
  };
}

function oneOf({ trials }: ExperimentPlan, text: string): object {
  const planned = trials[Number(text) - 1];
  if (planned !== undefined) return { ...describe(planned), spec: planned.trial.spec };
  throw new LightexError(
    'LTX_USAGE',
    `there is no trial ${text}: the plan has ${trials.length}, counted from 1`,
  );
}

function printPlan({ experiment, commit, trials }: ExperimentPlan, isOverridden: boolean): void {
  const rows = trials.map(({ trial, state, why }, index) => [
    String(index + 1),
    cell(trial.label) || '(one trial)',
    state,
    cell(why),
    trial.runId,
  ]);
  print(table(['#', 'TRIAL', 'STATE', 'WHY', 'RUN'], rows));
  const count = (state: PlannedTrial['state']) =>
    trials.filter((one) => one.state === state).length;
  const where =
    commit === null
      ? 'the working directory, which is not committed as it is'
      : `commit ${commit.slice(0, 12)}`;
  const how = isOverridden
    ? 'lightex run with the same options starts those that did not succeed.'
    : 'A push starts the new ones.';
  const summary = `${experiment.name} at ${where}: ${count('new')} new, ${count('reused')} reused, ${count('failed_before')} failed before. ${how}`;
  say(styled('dim', summary, process.stderr));
}

/** What `-p`, `-m` and `--set` say. */
export function overrideTexts({
  param,
  matrix,
  set,
}: Readonly<Record<string, unknown>>): OverrideTexts {
  return { params: listOf(param), axes: listOf(matrix), settings: listOf(set) };
}

function listOf(option: unknown): readonly string[] {
  return Array.isArray(option) ? option.map(String) : [];
}
