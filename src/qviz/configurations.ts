/** Runs to configurations: which parameters tell them apart, which runs repeat one, which is best. */

import { isObject } from '../model/dotted.ts';
import type { Json } from '../model/experiment.ts';
import { type Answers, numberOf, type Row, rowsOf, textOf } from './answers.ts';
import type { ReportDefinition } from './definition.ts';
import { formatValue } from './format.ts';
import { describe, type Sample } from './stats.ts';

/** Configurations that are drawn in colour; all others are grey context. */
export const COLOURS = 6;

/** One run, as far as a report tells of it. */
export interface RunRow {
  readonly id: string;
  readonly trial: string;
  readonly status: string;
  readonly reason: string;
  readonly commit: string;
  /** Dotted parameters that differ between runs. */
  readonly params: Readonly<Record<string, string>>;
  readonly cellKeys: readonly string[];
  /** As SQL answered: NaN and infinities are strings. */
  readonly objective: Json;
  /** Points of the objective's metric that are NaN or infinite: its value is then that of the finite ones. */
  readonly nonfinite: number;
  readonly seconds: number | undefined;
  readonly startedAt: string;
  /** Same parameters and re-run number as a newer run of other code: shown, but not counted. */
  readonly superseded: boolean;
}

/** Runs with equal values of the grouping parameters. */
export interface Configuration {
  /** Position in the order of the report, from 0: the best first, those without an objective last. */
  readonly index: number;
  /** Place by objective, from 1; undefined when no run of it succeeded with one. */
  readonly rank: number | undefined;
  /** `lr=0.1 hidden=8`. */
  readonly label: string;
  /** Text of the grouping parameters; one that a run does not have is absent. */
  readonly values: Readonly<Record<string, string>>;
  /** Those that count, superseded ones left out. */
  readonly runs: readonly RunRow[];
  /** Over succeeded runs. */
  readonly objective: Sample;
  readonly seconds: Sample;
}

export interface Comparison {
  /** Parameters that make a configuration. */
  readonly by: readonly string[];
  readonly configurations: readonly Configuration[];
  /** Newest first, as many as were read. */
  readonly runs: readonly RunRow[];
  /** Runs of the selection, read or not. */
  readonly total: number;
  /** What the best one is compared with; undefined when no configuration has its parameters. */
  readonly baseline: Configuration | undefined;
}

/** The configurations of the answers to the first round, best first; without an objective in the order of their values. */
export function compare(definition: ReportDefinition, answers: Answers): Comparison {
  const rows = rowsOf(answers, 'runs');
  const runs = markSuperseded(rows.map(toRun), rows);
  const by = groupingKeys(definition, runs);
  const groups = groupBy(
    runs.filter((run) => !run.superseded),
    (run) => JSON.stringify(by.map((key) => run.params[key])),
  );
  const direction = definition.objective?.goal === 'minimize' ? 1 : -1;
  const configurations = [...groups.values()]
    .map((members) => toConfiguration(members, by))
    .sort((a, b) => byObjective(a, b, direction) || byValues(a, b, by))
    .map((configuration, index) => ({
      ...configuration,
      index,
      rank: configuration.objective.mean === undefined ? undefined : index + 1,
    }));
  return {
    by,
    configurations,
    runs,
    total: rowsOf(answers, 'totals').reduce((sum, row) => sum + (numberOf(row.runs) ?? 0), 0),
    baseline: findBaseline(definition, configurations, by),
  };
}

/** The configurations that are drawn in colour, in the order of the colours. */
export function coloured(comparison: Comparison): readonly Configuration[] {
  return comparison.configurations.slice(0, COLOURS);
}

/** Compares two values of a parameter: numbers by size and before texts, what is absent last. */
export function byValue(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (isNumeric(a) && isNumeric(b)) return Number(a) - Number(b);
  if (isNumeric(a) !== isNumeric(b)) return isNumeric(a) ? -1 : 1;
  return a < b ? -1 : Number(a > b);
}

/** True for a text that is one finite number. */
export function isNumeric(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}

/** The last part of each dotted name, where that is still one name for one parameter. */
export function shortNames(keys: readonly string[]): ReadonlyMap<string, string> {
  const last = (key: string) => key.slice(key.lastIndexOf('.') + 1);
  const uses = groupBy(keys, last);
  return new Map(keys.map((key) => [key, uses.get(last(key))?.length === 1 ? last(key) : key]));
}

function toRun(row: Row): Omit<RunRow, 'superseded'> {
  const params = row.params;
  const cell = row.cell;
  return {
    id: textOf(row.run_id),
    trial: textOf(row.trial),
    status: textOf(row.status),
    reason: textOf(row.reason),
    commit: textOf(row.commit),
    params: isObject(params)
      ? Object.fromEntries(Object.entries(params).map(([key, value]) => [key, formatValue(value)]))
      : {},
    cellKeys: isObject(cell) ? Object.keys(cell) : [],
    objective: row.objective ?? null,
    nonfinite: numberOf(row.nonfinite) ?? 0,
    seconds: numberOf(row.duration_s),
    startedAt: textOf(row.started_at),
  };
}

/** Of runs that repeat one trial with other code, the newest that succeeded counts, else the newest. */
function markSuperseded(
  runs: readonly Omit<RunRow, 'superseded'>[],
  rows: readonly Row[],
): readonly RunRow[] {
  const counts = new Map<string, string>();
  const identities = runs.map((run, i) => {
    const isTrial = textOf(rows[i]?.trial_key) !== '';
    return isTrial ? JSON.stringify([run.params, rows[i]?.rerun ?? 0]) : run.id;
  });
  for (const wanted of ['succeeded', undefined]) {
    runs.forEach((run, i) => {
      const identity = identities[i] ?? run.id;
      const fits = wanted === undefined || run.status === wanted;
      if (fits && !counts.has(identity)) counts.set(identity, run.id);
    });
  }
  return runs.map((run, i) => ({
    ...run,
    superseded: counts.get(identities[i] ?? run.id) !== run.id,
  }));
}

/** The axes of the cells, and every other parameter that differs between runs of one cell and repetition. */
function groupingKeys(definition: ReportDefinition, runs: readonly RunRow[]): readonly string[] {
  const { by, over } = definition.group;
  if (by !== undefined) return by;
  const varying = [...new Set(runs.flatMap(({ params }) => Object.keys(params)))].sort();
  const axes = new Set(runs.flatMap(({ cellKeys }) => cellKeys));
  const keys = varying.filter((key) => key !== over && axes.has(key));
  for (const key of varying) {
    const known = key === over || keys.includes(key);
    if (!known && !follows(key, [...keys, over], runs)) keys.push(key);
  }
  return keys;
}

/** True when the other keys' values decide the value of `key` in all runs: a derived parameter tells nothing new. */
function follows(key: string, others: readonly string[], runs: readonly RunRow[]): boolean {
  const seen = new Map<string, string | undefined>();
  return runs.every(({ params }) => {
    const from = JSON.stringify(others.map((other) => params[other]));
    if (!seen.has(from)) seen.set(from, params[key]);
    return seen.get(from) === params[key];
  });
}

function toConfiguration(runs: readonly RunRow[], by: readonly string[]) {
  const values: Record<string, string> = {};
  for (const key of by) {
    const value = runs[0]?.params[key];
    if (value !== undefined) values[key] = value;
  }
  const names = shortNames(by);
  const succeeded = runs.filter(({ status }) => status === 'succeeded');
  return {
    label: by
      .filter((key) => values[key] !== undefined)
      .map((key) => `${names.get(key)}=${values[key]}`)
      .join(' '),
    values,
    runs,
    objective: describe(succeeded.map(({ objective }) => objective)),
    seconds: describe(succeeded.map(({ seconds }) => seconds)),
  };
}

type Unplaced = ReturnType<typeof toConfiguration>;

function byObjective(a: Unplaced, b: Unplaced, direction: 1 | -1): number {
  const [left, right] = [a.objective.mean, b.objective.mean];
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  return direction * (left - right);
}

function byValues(a: Unplaced, b: Unplaced, by: readonly string[]): number {
  for (const key of by) {
    const order = byValue(a.values[key], b.values[key]);
    if (order !== 0) return order;
  }
  return 0;
}

function findBaseline(
  { baseline }: ReportDefinition,
  configurations: readonly Configuration[],
  by: readonly string[],
): Configuration | undefined {
  const wanted = by.filter((key) => Object.hasOwn(baseline.params, key));
  if (wanted.length === 0) return undefined;
  return configurations.find(({ values }) =>
    wanted.every((key) => sameValue(values[key], formatValue(baseline.params[key]))),
  );
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function sameValue(a: string | undefined, b: string): boolean {
  return a === b || (a !== undefined && isNumeric(a) && isNumeric(b) && Number(a) === Number(b));
}
