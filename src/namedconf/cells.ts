import type { ErrorCode, LightexError, Problem } from '../model/errors.ts';
import type { Cell, Experiment, TrialSpec } from '../model/experiment.ts';
import type { ConfigVm, Evaluated, SourceFiles } from '../ports/system.ts';
import { mergeUnder, trialSpecOf } from './experiment.ts';
import { evaluationCode, evaluationProblem, invalidFile } from './invalid.ts';
import { cellLabel } from './matrix.ts';
import { paramsOverlay } from './overlay.ts';
import type { Settings } from './project.ts';
import type { Validator } from './validate.ts';

export interface CellEvaluation {
  readonly files: SourceFiles;
  /** Jsonnet of the experiment, with the overrides of the command line. */
  readonly source: string;
  readonly vm: ConfigVm;
  readonly validate: Validator;
  readonly settings: Settings;
}

// What only the whole experiment needs is hidden, so that a cell does not write out the matrix again: with a thousand
// values on an axis that is most of the work. The values stay, for parameters that refer to them.
const WITHOUT_MATRIX =
  ' + { matrix:: super.matrix, include:: super.include, exclude:: super.exclude, seeds:: super.seeds }';

/** So many problems are named; of more it is only said how many. */
const MOST_PROBLEMS = 20;
// A cell that fails costs the evaluator a hundred times as much as one that does not. So the first rounds are small,
// and none begins once there is more wrong than is told: a sweep that is broken as a whole says so soon.
const ROUND = { first: 50, growth: 5 };

/**
 * What the trial of each cell executes, in order: the experiment evaluated for the cell, validated again.
 * @throws the error of the experiment's file with the problems of all trials, each with its label
 */
export async function evaluateCells(
  evaluation: CellEvaluation,
  experiment: Experiment,
  cells: readonly Cell[],
): Promise<readonly TrialSpec[]> {
  const source = evaluation.source + WITHOUT_MATRIX;
  const specs: TrialSpec[] = [];
  const faults: Fault[] = [];
  let size = ROUND.first;
  let rest = cells;
  while (rest.length > 0) {
    const round = rest.slice(0, size);
    rest = rest.slice(size);
    const answers = await evaluation.vm.evaluate(
      evaluation.files,
      round.map((cell) => source + paramsOverlay(experiment.params, cell)),
    );
    for (const [index, cell] of round.entries()) {
      const result = resultOf(evaluation, experiment.file, answers[index] as Evaluated);
      if ('spec' in result) specs.push(result.spec);
      else faults.push(labelled(result, cellLabel(cell)));
    }
    if (problemCount(faults) >= MOST_PROBLEMS) throw errorOf(experiment.file, faults, rest.length);
    size *= ROUND.growth;
  }
  if (faults.length > 0) throw errorOf(experiment.file, faults, 0);
  return specs;
}

interface Fault {
  readonly code: ErrorCode;
  readonly problems: readonly Problem[];
}

function resultOf(
  { files, validate, settings }: CellEvaluation,
  file: string,
  answer: Evaluated,
): { readonly spec: TrialSpec } | Fault {
  if ('error' in answer) {
    const problem = evaluationProblem(answer.error, file, files);
    return { code: evaluationCode(answer.error), problems: [problem] };
  }
  const checked = validate('experiment', file, mergeUnder(settings.defaults, answer.value));
  if ('value' in checked) return { spec: trialSpecOf(checked.value) };
  return { code: 'LTX_CONFIG_INVALID', problems: checked.problems };
}

function labelled({ code, problems }: Fault, label: string): Fault {
  if (label === '') return { code, problems };
  return {
    code,
    problems: problems.map((problem) => ({
      ...problem,
      message: `trial ${label}: ${problem.message}`,
    })),
  };
}

function problemCount(faults: readonly Fault[]): number {
  return faults.reduce((sum, { problems }) => sum + problems.length, 0);
}

function errorOf(file: string, faults: readonly Fault[], unseen: number): LightexError {
  const problems = faults.flatMap((fault) => fault.problems);
  const told = problems.slice(0, MOST_PROBLEMS);
  const more = [
    ...(problems.length > told.length ? [`${problems.length - told.length} more like these`] : []),
    ...(unseen > 0 ? [`${unseen} more trials were not evaluated`] : []),
  ];
  const rest = more.length === 0 ? [] : [{ file, at: '', message: more.join('; ') }];
  return invalidFile(faults[0]?.code ?? 'LTX_CONFIG_INVALID', file, [...told, ...rest]);
}
