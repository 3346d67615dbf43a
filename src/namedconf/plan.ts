import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { base32 } from 'rfc4648';
import { LightexError } from '../model/errors.ts';
import type {
  Cell,
  Experiment,
  Plan,
  RunId,
  Trial,
  TrialKey,
  TrialSpec,
} from '../model/experiment.ts';
import type { ConfigVm } from '../ports/system.ts';
import { type CellEvaluation, evaluateCells } from './cells.ts';
import { hashOfCode, selectCode } from './code.ts';
import { importing } from './evaluate-files.ts';
import { evaluationCode, evaluationProblem, invalidFile } from './invalid.ts';
import { cellLabel, type EqualCells, expandMatrix, matrixProblems } from './matrix.ts';
import {
  isEmpty,
  NO_OVERRIDES,
  type Overrides,
  overrideMatrix,
  overridesOverlay,
} from './overrides.ts';
import { checkedExperiment, isExperimentFile, type Project } from './project.ts';
import { collectSources, type SourceTree } from './source.ts';
import type { Validator } from './validate.ts';

/**
 * The trials of an experiment, in the order of its matrix: each evaluated by itself, so that command, resources and
 * derived parameters follow its cell. A pure function of the tree and the overrides.
 * @throws LTX_CONFIG_INVALID, LTX_CONFIG_EVALUATION or LTX_CONFIG_LIMIT with the problems of all trials, each with
 * its label; LTX_IMPORT_OUTSIDE, LTX_IMPORT_MISSING; LTX_MATRIX_TOO_LARGE, LTX_MATRIX_DUPLICATE; LTX_USAGE
 */
export async function makePlan(
  declared: Experiment,
  { settings }: Pick<Project, 'settings'>,
  tree: SourceTree,
  vm: ConfigVm,
  validate: Validator,
  overrides: Overrides = NO_OVERRIDES,
): Promise<Plan> {
  const sources = await collectSources(tree, [declared.file]);
  for (const error of sources.invalid.values()) throw error;
  const source = importing(declared.file) + overridesOverlay(overrides, declared);
  const evaluation = { files: sources.files, source, vm, validate, settings };
  const experiment = isEmpty(overrides)
    ? declared
    : await overridden(evaluation, declared, overrides);
  const equals = isEmpty(overrides) ? 'refuse' : 'merge';
  const cells = expandMatrix(experiment, settings.limits.trials, equals);
  const code = codeOf(experiment, tree);
  const specs = await evaluateCells(evaluation, experiment, cells);
  const trials = cells.map((cell, index) =>
    trialOf(experiment, cell, specs[index] as TrialSpec, code),
  );
  return { experiment, trials: distinct(experiment, trials, equals) };
}

/** sha256 (hex) of the RFC 8785 JSON of everything in a commit that can change the trial's result. */
export function trialKeyOf(experiment: string, spec: TrialSpec, code: string): TrialKey {
  const { params, command, image, env, data } = spec;
  const volumes = Object.entries(data).map(([path, volume]) => [path, { volume }]);
  const text = canonicalize({
    v: 1,
    experiment,
    params,
    command,
    ...(image !== undefined && { image }),
    env,
    data: Object.fromEntries(volumes),
    nodes: 1,
    code,
  });
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex') as TrialKey;
}

/** 16 characters from the trial key and the number of the re-run: every runner computes the same. */
export function runIdOf(key: TrialKey, rerun: number): RunId {
  const digest = createHash('sha256').update(`${key}#${rerun}`).digest();
  return base32.stringify(digest).toLowerCase().slice(0, 16) as RunId;
}

async function overridden(
  { files, source, vm, validate, settings }: CellEvaluation,
  { file }: Experiment,
  overrides: Overrides,
): Promise<Experiment> {
  const [answer] = await vm.evaluate(files, [source]);
  if (answer === undefined || 'error' in answer) {
    const error = answer?.error ?? { message: 'no answer' };
    throw invalidFile(evaluationCode(error), file, [evaluationProblem(error, file, files)]);
  }
  const experiment = checkedExperiment(answer.value, file, settings, validate);
  const changed = { ...experiment, matrix: overrideMatrix(experiment.matrix, overrides) };
  const problems = matrixProblems(changed).map((problem) => ({ file, ...problem }));
  if (problems.length > 0) throw invalidFile('LTX_CONFIG_INVALID', file, problems);
  return changed;
}

/** sha256 (hex) of what of the tree can change the experiment's results. @throws LTX_CONFIG_INVALID for a glob that selects nothing */
export function codeOf({ file, code }: Experiment, { entries }: SourceTree): string {
  const json = [...entries.keys()].filter(
    (path) => path.endsWith('.json') && isExperimentFile(path),
  );
  const useless = (code ?? []).flatMap((glob, index) =>
    glob.startsWith('!') || selectCode(entries.values(), [glob], json).length > 0
      ? []
      : [{ file, at: `code[${index}]`, message: `"${glob}" matches no file of the commit` }],
  );
  if (useless.length > 0) throw invalidFile('LTX_CONFIG_INVALID', file, useless);
  return hashOfCode(selectCode(entries.values(), code, json));
}

function trialOf(experiment: Experiment, cell: Cell, spec: TrialSpec, code: string): Trial {
  const key = trialKeyOf(experiment.name, spec, code);
  return {
    key,
    runId: runIdOf(key, 0),
    experiment: experiment.name,
    label: cellLabel(cell),
    cell,
    ...(typeof cell.seed === 'number' && { seed: cell.seed }),
    code,
    spec,
  };
}

// Invariant: one run id, one trial. Cells that differ can make the same trial, when a derived parameter has by itself
// the value that an included cell gives it.
function distinct(
  { file }: Experiment,
  trials: readonly Trial[],
  equals: EqualCells,
): readonly Trial[] {
  const known = new Map<TrialKey, Trial>();
  for (const trial of trials) {
    const other = known.get(trial.key);
    if (other !== undefined && equals === 'refuse')
      throw new LightexError(
        'LTX_MATRIX_DUPLICATE',
        `${file}: the trials ${other.label} and ${trial.label} are the same, with the same parameters`,
        { hint: 'Remove the cell from include: its values follow from the others anyway' },
      );
    if (other === undefined) known.set(trial.key, trial);
  }
  return [...known.values()];
}
