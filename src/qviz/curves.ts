/** Which curves are drawn, from which runs, and in how many buckets. */

import type { CurvesBlock } from '../model/schema.generated.ts';
import { type Answers, numberOf, type Row, rowsOf, textOf } from './answers.ts';
import { COLOURS, type Comparison, type Configuration, type RunRow } from './configurations.ts';
import type { ReportDefinition } from './definition.ts';

/** Grey lines of one chart at most: every n-th by rank. */
const CONTEXT_LINES = 60;
/** Charts of a block that names no metrics. */
const DEFAULT_METRICS = 6;
const DEFAULT_POINTS = 100;

/** A metric of the selection, as the first round found it. */
export interface MetricFacts {
  readonly key: string;
  /** Logged by all runs together. */
  readonly points: number;
  readonly runs: number;
  /** Different steps. */
  readonly steps: number;
  readonly nonfinite: number;
  readonly firstStep: number;
  readonly lastStep: number;
  /** Of the finite values; undefined when there is none. */
  readonly lowest: number | undefined;
  readonly highest: number | undefined;
}

export interface CurvePlan {
  /** Name of the query. */
  readonly query: string;
  readonly metric: string;
  /** Each run with the index of its configuration. */
  readonly members: readonly { readonly run: string; readonly group: number }[];
  readonly firstStep: number;
  /** Width of a bucket; 1 keeps every step. */
  readonly bucketSteps: number;
}

/** One line: the mean over the runs of a configuration at each bucket's last step. */
export interface Curve {
  readonly group: number;
  readonly runs: number;
  /** Logged points behind the line. */
  readonly logged: number;
  readonly points: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly x: number;
  readonly mean: number;
  readonly sd: number | undefined;
  readonly low: number;
  readonly high: number;
}

/** The queries of all curves of the layout, each once; none for metrics that nobody logged. */
export function planCurves(
  definition: ReportDefinition,
  comparison: Comparison,
  answers: Answers,
): readonly CurvePlan[] {
  const members = drawnConfigurations(comparison).flatMap((configuration) =>
    drawnRuns(configuration).map(({ id }) => ({ run: id, group: configuration.index })),
  );
  if (members.length === 0) return [];
  const logged = readMetrics(answers);
  const plans = definition.layout
    .filter((block): block is CurvesBlock => block.block === 'curves')
    .flatMap((block) =>
      metricsOf(block, definition, logged).flatMap((metric) => {
        const facts = logged.find(({ key }) => key === metric);
        if (facts === undefined) return [];
        const width = bucketSteps(block, facts);
        const query = curveQuery(metric, width);
        return [{ query, metric, members, firstStep: facts.firstStep, bucketSteps: width }];
      }),
    );
  return [...new Map(plans.map((plan) => [plan.query, plan])).values()];
}

/** The metrics that a block draws: those it names, else the objective's and those most logged. */
export function metricsOf(
  { metrics }: CurvesBlock,
  { objective }: ReportDefinition,
  logged: readonly MetricFacts[],
): readonly string[] {
  if (metrics !== undefined) return metrics;
  const keys = logged.map(({ key }) => key);
  const first = keys.filter((key) => key === objective?.metric);
  return [...first, ...keys.filter((key) => key !== objective?.metric)].slice(0, DEFAULT_METRICS);
}

/** The metrics of the selection, those with the most points first. */
export function readMetrics(answers: Answers): readonly MetricFacts[] {
  return rowsOf(answers, 'metrics').map((row) => ({
    key: textOf(row.key),
    points: numberOf(row.points) ?? 0,
    runs: numberOf(row.runs) ?? 0,
    steps: numberOf(row.steps) ?? 0,
    nonfinite: numberOf(row.nonfinite) ?? 0,
    firstStep: numberOf(row.first_step) ?? 0,
    lastStep: numberOf(row.last_step) ?? 0,
    lowest: numberOf(row.lowest),
    highest: numberOf(row.highest),
  }));
}

/** Width of the buckets of a metric in steps: 1 keeps every step, where there are no more than the block allows. */
export function bucketSteps({ points = DEFAULT_POINTS }: CurvesBlock, facts: MetricFacts): number {
  return facts.steps <= points ? 1 : Math.ceil((facts.lastStep - facts.firstStep + 1) / points);
}

/** The answer to a curve query: one curve per row. */
export function readCurves(answers: Answers, metric: string, width: number): readonly Curve[] {
  return rowsOf(answers, curveQuery(metric, width)).map((row) => {
    const [x, mean, sd, low, high] = ['x', 'mean', 'sd', 'lo', 'hi'].map((name) =>
      listOf(row[name]),
    );
    return {
      group: numberOf(row.g) ?? -1,
      runs: numberOf(row.runs) ?? 0,
      logged: numberOf(row.points) ?? 0,
      points: (x ?? []).flatMap((step, i) => {
        const at = mean?.[i];
        if (step === undefined || at === undefined) return [];
        return [{ x: step, mean: at, sd: sd?.[i], low: low?.[i] ?? at, high: high?.[i] ?? at }];
      }),
    };
  });
}

/** Configurations with a line: the coloured ones, and of the others every n-th by rank. */
function drawnConfigurations({ configurations }: Comparison): readonly Configuration[] {
  const others = configurations.slice(COLOURS);
  const every = Math.max(1, Math.ceil(others.length / CONTEXT_LINES));
  return [
    ...configurations.slice(0, COLOURS),
    ...others.filter((_, i) => i % every === 0).slice(0, CONTEXT_LINES),
  ];
}

/** Runs behind a line: those that went well so far; the others only where there are no such. */
function drawnRuns({ runs }: Configuration): readonly RunRow[] {
  const well = runs.filter(({ status }) => ['succeeded', 'running', 'collecting'].includes(status));
  return well.length > 0 ? well : runs;
}

function curveQuery(metric: string, width: number): string {
  return `curves ${width} ${metric}`;
}

function listOf(value: Row[string] | undefined): readonly (number | undefined)[] {
  return Array.isArray(value) ? value.map(numberOf) : [];
}
