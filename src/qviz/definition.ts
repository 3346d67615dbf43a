/** A report as it will be built: what its file says, and defaults for the rest. */

import type { ComparedCode } from '../model/compared-code.ts';
import { flatten } from '../model/dotted.ts';
import type { Cell, JsonObject, Objective } from '../model/experiment.ts';
import type { ReportBlock, ReportFile } from '../model/schema.generated.ts';

export interface ReportDefinition {
  readonly title: string;
  readonly question?: string;
  /** Name of the experiment whose runs are compared. */
  readonly experiment: string;
  /** Runs of which code are compared; undefined: of any. */
  readonly code?: ComparedCode;
  /** SQL condition over the view `runs`, as the file's author wrote it. */
  readonly where?: string;
  readonly group: {
    /** Parameters that make one configuration; undefined: those that vary. */
    readonly by?: readonly string[];
    /** The parameter that repeats a configuration. */
    readonly over: string;
  };
  readonly objective?: Objective;
  /** Dotted parameters of the configuration that the best one is compared with. */
  readonly baseline: { readonly params: Cell; readonly source: 'report' | 'experiment' };
  readonly scales: Readonly<Record<string, 'linear' | 'log'>>;
  readonly layout: readonly ReportBlock[];
}

/** What of an experiment its report needs. */
export interface ExperimentFacts {
  readonly name: string;
  readonly description: string;
  readonly params: JsonObject;
  readonly objective?: Objective;
  readonly code?: ComparedCode;
}

const DEFAULT_LAYOUT: readonly ReportBlock[] = [
  { block: 'summary' },
  { block: 'best' },
  { block: 'curves' },
  { block: 'params' },
  { block: 'diff' },
  { block: 'failures' },
  { block: 'runs' },
];

/**
 * The report of an experiment: its file's settings over the defaults. Without a file the built-in comparison; without
 * a baseline the experiment's own parameters are it.
 */
export function resolveDefinition(
  file: ReportFile | undefined,
  experiment: ExperimentFacts,
): ReportDefinition {
  const objective = file?.objective ?? experiment.objective;
  const question = file === undefined ? experiment.description : file.question;
  const declared = file?.baseline as JsonObject | undefined;
  return {
    title: file?.title ?? `Comparison of ${experiment.name}`,
    ...(question === undefined || question === '' ? {} : { question }),
    experiment: file?.from?.experiment ?? experiment.name,
    ...(experiment.code === undefined ? {} : { code: experiment.code }),
    ...(file?.from?.where === undefined ? {} : { where: file.from.where }),
    group: {
      ...(file?.group?.by === undefined ? {} : { by: file.group.by }),
      over: file?.group?.over ?? 'seed',
    },
    ...(objective === undefined ? {} : { objective: { of: 'last', ...objective } }),
    baseline:
      declared === undefined
        ? { params: flatten(experiment.params), source: 'experiment' }
        : { params: flatten(declared), source: 'report' },
    scales: file?.scales ?? {},
    layout: file?.layout ?? DEFAULT_LAYOUT,
  };
}
