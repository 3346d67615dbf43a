import { isObject } from '../model/dotted.ts';
import { LightexError, type Problem } from '../model/errors.ts';
import type { Experiment, Json, JsonObject } from '../model/experiment.ts';
import type { ReportFile } from '../model/schema.generated.ts';
import type { ConfigVm } from '../ports/system.ts';
import { type EvaluatedFiles, evaluateFiles } from './evaluate-files.ts';
import { BUILT_IN_REPORT, experimentOf, experimentProblems, mergeUnder } from './experiment.ts';
import { invalidFile } from './invalid.ts';
import { expandMatrix } from './matrix.ts';
import { didYouMean } from './nearest.ts';
import type { SourceTree } from './source.ts';
import type { Validator } from './validate.ts';

/** lightex.jsonnet with its defaults filled in. */
export interface Settings {
  readonly store: string;
  /** Merged under every experiment. */
  readonly defaults: JsonObject;
  readonly limits: { readonly trials: number };
}

export interface Report {
  /** The file's base name. */
  readonly name: string;
  readonly file: string;
  readonly definition: ReportFile;
}

/** Everything that a tree declares, by path; what is invalid blocks itself only. */
export interface Project {
  readonly settings: Settings;
  readonly experiments: readonly Experiment[];
  readonly reports: readonly Report[];
  /** Files that cannot be used -> why. */
  readonly invalid: ReadonlyMap<string, LightexError>;
  /** The problems of all invalid files, each once. */
  readonly problems: readonly Problem[];
}

const SETTINGS = 'lightex.jsonnet';

/** True for the path of an experiment: Jsonnet or JSON under experiments/, outside any lib/. */
export function isExperimentFile(path: string): boolean {
  return /^experiments\/(?!(?:.*\/)?lib\/).*\.(?:jsonnet|json)$/.test(path);
}

/**
 * Reads a tree's settings, experiments and reports, evaluated and validated as wholes.
 * @throws LTX_CONFIG_INVALID, LTX_CONFIG_EVALUATION, LTX_CONFIG_LIMIT, LTX_IMPORT_MISSING, LTX_IMPORT_OUTSIDE
 * when lightex.jsonnet is broken: it speaks for all files.
 */
export async function loadProject(
  tree: SourceTree,
  vm: ConfigVm,
  validate: Validator,
): Promise<Project> {
  const paths = [...tree.entries.keys()].sort();
  const asked = paths.filter(
    (path) => path === SETTINGS || isExperimentFile(path) || isReportFile(path),
  );
  const evaluated = await evaluateFiles(tree, vm, asked);
  const invalid = new Map(evaluated.invalid);
  const settings = settingsOf(evaluated, validate);
  const experiments = experimentsOf(evaluated, settings, validate, invalid);
  const names = namesOf(evaluated);
  const reports = reportsOf(evaluated, names, validate, invalid);
  refuse(invalid, experiments, (experiment) => missingReport(experiment, paths));
  refuse(invalid, experiments, (experiment) => sharedName(experiment, names));
  const problems = [...invalid].flatMap(([file, { problems, message }]) =>
    problems.length > 0 ? problems : [{ file, at: 'matrix', message }],
  );
  return {
    settings,
    experiments: experiments.filter(({ file }) => !invalid.has(file)),
    reports,
    invalid,
    problems: [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()],
  };
}

function settingsOf({ values, invalid }: EvaluatedFiles, validate: Validator): Settings {
  const broken = invalid.get(SETTINGS);
  if (broken !== undefined) throw broken;
  const checked = validate('project', SETTINGS, values.get(SETTINGS) ?? {});
  if ('problems' in checked) throw invalidFile('LTX_CONFIG_INVALID', SETTINGS, checked.problems);
  const { store = '.lightex/store', defaults = {}, limits } = checked.value;
  // Defaults are an experiment without what every experiment has to say for itself.
  const whole = validate('experiment', SETTINGS, { name: 'defaults', command: [''], ...defaults });
  if ('problems' in whole)
    throw invalidFile(
      'LTX_CONFIG_INVALID',
      SETTINGS,
      whole.problems.map((problem) => ({ ...problem, at: `defaults.${problem.at}` })),
    );
  return { store, defaults, limits: { trials: limits?.trials ?? 10_000 } };
}

function experimentsOf(
  { values }: EvaluatedFiles,
  settings: Settings,
  validate: Validator,
  invalid: Map<string, LightexError>,
): readonly Experiment[] {
  return [...values].flatMap(([path, value]) => {
    if (!isExperimentFile(path)) return [];
    try {
      const experiment = checkedExperiment(value, path, settings, validate);
      expandMatrix(experiment, settings.limits.trials);
      return [experiment];
    } catch (cause) {
      if (!(cause instanceof LightexError)) throw cause;
      invalid.set(path, cause);
      return [];
    }
  });
}

/**
 * An experiment from its file's value, with the defaults of the settings under it.
 * Its matrix fits its parameters, but is not expanded.
 * @throws LTX_CONFIG_INVALID with all problems
 */
export function checkedExperiment(
  value: Json,
  path: string,
  { defaults }: Settings,
  validate: Validator,
): Experiment {
  const checked = validate('experiment', path, mergeUnder(defaults, value));
  if ('problems' in checked) throw invalidFile('LTX_CONFIG_INVALID', path, checked.problems);
  const experiment = experimentOf(checked.value, path);
  const problems = experimentProblems(checked.value, experiment);
  if (problems.length > 0)
    throw invalidFile(
      'LTX_CONFIG_INVALID',
      path,
      problems.map((problem) => ({ file: path, ...problem })),
    );
  return experiment;
}

function reportsOf(
  { values }: EvaluatedFiles,
  names: ReadonlyMap<string, readonly string[]>,
  validate: Validator,
  invalid: Map<string, LightexError>,
): readonly Report[] {
  return [...values].flatMap(([path, value]) => {
    if (!isReportFile(path)) return [];
    const checked = validate('report', path, value);
    const problems =
      'problems' in checked ? checked.problems : missingExperiment(checked.value, path, names);
    if (problems.length > 0) invalid.set(path, invalidFile('LTX_CONFIG_INVALID', path, problems));
    if ('problems' in checked || problems.length > 0) return [];
    return [{ name: baseName(path), file: path, definition: checked.value }];
  });
}

function refuse(
  invalid: Map<string, LightexError>,
  experiments: readonly Experiment[],
  problemOf: (experiment: Experiment) => Omit<Problem, 'file'> | undefined,
): void {
  for (const experiment of experiments) {
    const { file } = experiment;
    const problem = problemOf(experiment);
    if (problem === undefined || invalid.has(file)) continue;
    invalid.set(file, invalidFile('LTX_CONFIG_INVALID', file, [{ file, ...problem }]));
  }
}

function missingReport({ report }: Experiment, paths: readonly string[]) {
  const names = [BUILT_IN_REPORT, ...paths.filter(isReportFile).map(baseName)];
  if (names.includes(report)) return undefined;
  return {
    at: 'report',
    message: `there is no reports/${report}.jsonnet.${didYouMean(report, names)}`,
  };
}

function sharedName({ name, file }: Experiment, names: ReadonlyMap<string, readonly string[]>) {
  const [other] = (names.get(name) ?? []).filter((path) => path !== file);
  if (other === undefined) return undefined;
  return { at: 'name', message: `"${name}" is also the name of ${other}; names are unique` };
}

function missingExperiment(
  { from }: ReportFile,
  file: string,
  names: ReadonlyMap<string, readonly string[]>,
): readonly Problem[] {
  const name = from?.experiment;
  if (name === undefined || names.has(name)) return [];
  const message = `there is no experiment "${name}".${didYouMean(name, names.keys())}`;
  return [{ file, at: 'from.experiment', message }];
}

/** Names of experiments -> their files, of invalid ones too as far as they could be evaluated. */
function namesOf({ values }: EvaluatedFiles): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const [path, value] of values) {
    const name = isExperimentFile(path) && isObject(value) ? value.name : undefined;
    if (typeof name === 'string') names.set(name, [...(names.get(name) ?? []), path]);
  }
  return names;
}

function isReportFile(path: string): boolean {
  return /^reports\/[^/]+\.jsonnet$/.test(path);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1, path.lastIndexOf('.'));
}
