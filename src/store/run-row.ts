/** A run as a row of the history: the same columns in live files, in Parquet and in the views `runs` and `attempts`. */

import { flatten, isObject } from '../model/dotted.ts';
import type { RunEvent } from '../model/event.ts';
import type { Json, JsonObject, Objective, UnixMs } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { Run } from '../model/run.ts';
import type { MetricSummary } from './curve.ts';
import type { RunLog } from './run-log.ts';

export interface ArtifactRow {
  readonly path: string;
  readonly type: string | null;
  readonly name: string | null;
  readonly step: number | null;
  /** Null: the code named it, but no such file was collected. */
  readonly sha256: string | null;
  readonly bytes: number | null;
}

interface ParamRow {
  readonly key: string;
  readonly value: string | null;
  readonly number: number | null;
}

interface EventRow {
  readonly at: number;
  readonly type: RunEvent['type'];
  readonly status: string | null;
  readonly reason: string | null;
  readonly detail: JsonObject;
}

/** Times are milliseconds since 1970 here, and TIMESTAMPTZ in DuckDB. */
export interface RunRow {
  readonly run_id: Run['id'];
  readonly experiment: string;
  readonly trial: string;
  readonly trial_key: Run['trial']['key'];
  readonly code: string;
  readonly rerun: number;
  readonly attempt: number;
  readonly status: Run['status'];
  readonly reason: Run['reason'] | null;
  readonly error: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly commit: string;
  readonly tree: string;
  readonly branch: string;
  readonly author: string;
  readonly user: string;
  readonly message: string;
  readonly runner: string | null;
  readonly executor: string | null;
  readonly host: string | null;
  readonly image: string | null;
  readonly command: readonly string[];
  readonly seed: number | null;
  readonly cell: JsonObject;
  readonly params: JsonObject;
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly objective: number | null;
  readonly objective_metric: string | null;
  readonly objective_goal: Objective['goal'] | null;
  readonly objective_of: Objective['of'] | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly summary: JsonObject;
  readonly progress: number | null;
  readonly links: readonly string[];
  readonly invalid_lines: number;
  readonly points: number;
  readonly queued_at: number;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly duration_s: number | null;
  readonly stale: boolean;
  readonly param_values: readonly ParamRow[];
  readonly metric_summaries: readonly MetricSummary[];
  readonly artifacts: readonly ArtifactRow[];
  readonly events: readonly EventRow[];
}

export interface RowSource {
  readonly run: Run;
  readonly log: RunLog;
  readonly host: string;
  readonly now: UnixMs;
  readonly events: readonly RunEvent[];
}

/**
 * The attempt that a run's status is about: a queued run waits for its next attempt, and so does one that was
 * cancelled in the queue. So a row `queued` never has the number of an attempt that ended before it.
 */
export function rowAttempt(run: Run): number {
  const waits = run.status === 'queued' || (run.status === 'cancelled' && run.exit === undefined);
  return waits ? run.attempt + 1 : run.attempt;
}

/** The row. Artifacts are those that the code named, still without content. */
export function runRow({ run, log, host, now, events }: RowSource): RunRow {
  const { trial, origin } = run;
  const params = mergeParams(trial.spec.params, log.params);
  const metrics = log.metrics;
  return {
    run_id: run.id,
    experiment: trial.experiment,
    trial: trial.label,
    trial_key: trial.key,
    code: trial.code,
    rerun: run.rerun,
    attempt: rowAttempt(run),
    status: run.status,
    reason: run.reason ?? null,
    ...exitColumns(run),
    commit: origin.commit,
    tree: origin.tree,
    branch: origin.branch,
    author: origin.author,
    user: origin.user,
    message: origin.message,
    runner: run.runner ?? null,
    executor: run.job?.executor ?? null,
    host: run.runner === undefined ? null : host,
    image: trial.spec.image ?? null,
    command: trial.spec.command,
    seed: trial.seed ?? null,
    cell: trial.cell,
    params,
    metrics: Object.fromEntries(metrics.map(({ key, last }) => [key, last])),
    ...objectiveColumns(trial.spec.objective, metrics),
    tags: log.tags,
    summary: log.summary,
    progress: log.progress,
    links: trial.spec.link,
    invalid_lines: log.state.invalidLines,
    points: log.points,
    ...timeColumns(run, now),
    stale: false,
    param_values: Object.entries(flatten(params)).map(paramRow),
    metric_summaries: metrics,
    artifacts: log.artifacts.map(({ path, type, name, step }) => ({
      path: normalPath(path),
      type: type ?? null,
      name: name ?? null,
      step: step ?? null,
      sha256: null,
      bytes: null,
    })),
    events: events.map(eventRow),
  };
}

/** The artifacts with the files that were collected: by path, and those that nobody named after them. */
export function withFiles(
  named: readonly ArtifactRow[],
  files: readonly { readonly path: string; readonly sha256: string; readonly bytes: number }[],
): readonly ArtifactRow[] {
  const byPath = new Map(files.map((file) => [normalPath(file.path), file]));
  const unnamed = { type: null, name: null, step: null };
  const rest = new Set(named.map(({ path }) => path));
  return [
    ...named.map((row) => ({ ...row, ...byPath.get(row.path), path: row.path })),
    ...[...byPath].flatMap(([path, file]) =>
      rest.has(path) ? [] : [{ ...unnamed, ...file, path }],
    ),
  ];
}

const normalPath = (path: string) => path.replace(/^(?:\.\/+)+/, '');

/** The experiment's parameters with those that the code logged over them, nested or by dotted key. */
function mergeParams(planned: JsonObject, logged: JsonObject): JsonObject {
  return Object.entries(flatten(logged)).reduce(
    (params, [key, value]) => withParam(params, key, value),
    planned,
  );
}

function withParam(params: JsonObject, key: string, value: Json): JsonObject {
  const dot = key.indexOf('.');
  const head = key.slice(0, Math.max(dot, 0));
  const child = Object.hasOwn(params, head) ? params[head] : undefined;
  return dot > 0 && isObject(child)
    ? { ...params, [head]: withParam(child, key.slice(dot + 1), value) }
    : { ...params, [key]: value };
}

function paramRow([key, value]: [string, Json]): ParamRow {
  return {
    key,
    value: value === null || typeof value === 'string' ? value : JSON.stringify(value),
    number: typeof value === 'number' ? value : null,
  };
}

function exitColumns(run: Run): Pick<RunRow, 'error' | 'exit_code' | 'signal'> {
  const { exit } = run;
  const told =
    exit?.kind === 'not-started' ? exit.message : exit?.kind === 'evicted' ? exit.reason : null;
  return {
    error: run.exitMessage ?? told,
    exit_code: exit?.kind === 'exited' ? exit.code : null,
    signal: exit?.kind === 'signalled' ? exit.signal : null,
  };
}

function objectiveColumns(
  objective: Objective | undefined,
  metrics: readonly MetricSummary[],
): Pick<RunRow, 'objective' | 'objective_metric' | 'objective_goal' | 'objective_of'> {
  const summary = metrics.find(({ key }) => key === objective?.metric);
  return {
    objective: (objective?.of === 'best' ? summary?.best : summary?.last) ?? null,
    objective_metric: objective?.metric ?? null,
    objective_goal: objective?.goal ?? null,
    objective_of: objective?.of ?? null,
  };
}

/** A run ends when its job did, not when it was collected. */
function timeColumns(
  run: Run,
  now: UnixMs,
): Pick<RunRow, 'queued_at' | 'started_at' | 'ended_at' | 'duration_s'> {
  const endedAt = isFinal(run.status) ? (run.exitedAt ?? run.endedAt ?? now) : null;
  const until = endedAt ?? run.exitedAt ?? now;
  return {
    queued_at: run.queuedAt,
    started_at: run.startedAt ?? null,
    ended_at: endedAt,
    duration_s: run.startedAt === undefined ? null : Math.max(0, until - run.startedAt) / 1000,
  };
}

function eventRow(event: RunEvent): EventRow {
  const { type, at, runId, ...rest } = event;
  const { run, status, reason, ...detail } = rest as Partial<Record<string, Json>>;
  return {
    at,
    type,
    status: event.type === 'ended' ? event.status : STATUS_AFTER[event.type],
    reason: typeof reason === 'string' ? reason : null,
    detail: detail as JsonObject,
  };
}

const STATUS_AFTER: Readonly<Record<Exclude<RunEvent['type'], 'ended'>, string | null>> = {
  queued: 'queued',
  adopted: null,
  claimed: 'claimed',
  starting: 'starting',
  started: 'running',
  'cancel-requested': null,
  exited: 'collecting',
  collected: 'collecting',
  published: 'collecting',
  requeued: 'queued',
};
