import { isObject } from '../model/dotted.ts';
import type { Experiment, Json, JsonObject, Resources, TrialSpec } from '../model/experiment.ts';
import { parseBytes, parseDuration } from '../model/quantity.ts';
import type { ExperimentFile, Resources as ResourcesText } from '../model/schema.generated.ts';
import { matrixOf, matrixProblems } from './matrix.ts';

/** The report that an experiment has when it names none. */
export const BUILT_IN_REPORT = 'comparison';

/** Reasons of the surroundings: nothing about them is the program's fault. */
const RETRIED = ['lost', 'evicted', 'preempted', 'infra', 'image'] as const;

/** An experiment's file with its defaults filled in; `path` is where it lies. */
export function experimentOf(file: ExperimentFile, path: string): Experiment {
  const push = file.on === undefined ? {} : file.on.push;
  return {
    name: file.name,
    file: path,
    description: file.description ?? '',
    matrix: matrixOf(file),
    params: (file.params ?? {}) as JsonObject,
    ...objectiveOf(file),
    ...(file.code !== undefined && { code: file.code }),
    report: file.report ?? BUILT_IN_REPORT,
    ...(push !== undefined && {
      onPush: { branches: push.branches ?? [], paths: push.paths ?? [] },
    }),
    ...(file.max_parallel !== undefined && { maxParallel: file.max_parallel }),
    priority: file.priority ?? 0,
  };
}

/** What one trial executes, from the experiment's file as it was evaluated for the trial's cell. */
export function trialSpecOf(file: ExperimentFile): TrialSpec {
  return {
    params: (file.params ?? {}) as JsonObject,
    command: file.command,
    ...(file.image !== undefined && { image: file.image }),
    resources: resourcesOf(file.resources),
    runsOn: file.runs_on ?? [],
    ...(file.timeout !== undefined && { timeoutMs: parseDuration(file.timeout) }),
    retry: { attempts: file.retry?.attempts ?? 1, on: file.retry?.on ?? RETRIED },
    env: file.env ?? {},
    link: file.link ?? [],
    artifacts: file.artifacts ?? [],
    data: file.data ?? {},
    ...objectiveOf(file),
  };
}

/** What a schema cannot say about an experiment: its matrix fits its parameters, its data lies in the working directory. */
export function experimentProblems(
  file: ExperimentFile,
  experiment: Experiment,
): readonly { readonly at: string; readonly message: string }[] {
  const outside = Object.keys(file.data ?? {}).filter(
    (path) => path.startsWith('/') || path.split('/').includes('..'),
  );
  return [
    ...matrixProblems(experiment),
    ...outside.map((path) => ({
      at: `data.${path}`,
      message: 'is outside the working directory; write a relative path',
    })),
  ];
}

/** `under` with `over` on top: objects merge, everything else is replaced. */
export function mergeUnder(under: Json, over: Json): Json {
  if (!isObject(under) || !isObject(over)) return over;
  const merged = Object.entries(over).map(([key, value]) => {
    const base = Object.hasOwn(under, key) ? under[key] : undefined;
    return [key, base === undefined ? value : mergeUnder(base, value)] as const;
  });
  return { ...under, ...Object.fromEntries(merged) };
}

/** Resources as numbers: one core and no device where nothing is said. */
function resourcesOf(text: ResourcesText = {}): Resources {
  return {
    cpus: text.cpus ?? 1,
    ...(text.memory !== undefined && { memoryBytes: parseBytes(text.memory) }),
    gpus: text.gpus ?? 0,
  };
}

function objectiveOf({ objective }: ExperimentFile): Pick<Experiment, 'objective'> {
  return objective === undefined ? {} : { objective: { ...objective, of: objective.of ?? 'last' } };
}
