/** The SQL of all pages and of the API over the public views; nothing else in the server spells any. */

import { list, literal } from '../store/sql.ts';

/** Statements by name: a page asks all of its own at once. */
export type Statements<Name extends string> = Readonly<Record<Name, string>>;

export const PAGE_ROWS = 50;

/** Curves drawn on the page of a run; the table of metrics has all. */
export const CURVES = 24;

/** Which runs a list shows, in which order. */
export interface RunFilter {
  /** Empty: all. */
  readonly experiment: string;
  /** A status; empty: all. */
  readonly status: string;
  /** A condition over `runs` in people's own SQL; empty: none. */
  readonly where: string;
  readonly sort: RunSort;
  readonly descending: boolean;
  /** From 1. */
  readonly page: number;
}

/** Columns of `runs` that a list may be ordered by. */
export const RUN_SORTS = [
  'experiment',
  'trial',
  'status',
  'objective',
  'duration_s',
  'started_at',
  'queued_at',
] as const;
export type RunSort = (typeof RUN_SORTS)[number];

const LIST_COLUMNS = `run_id, experiment, trial, attempt, status, reason, error, progress, objective_metric,
  objective, commit, code, branch, runner, queued_at, started_at, ended_at, duration_s, stale`;

/** Of events in one millisecond. */
const EVENT_ORDER =
  'queued claimed starting started cancel-requested exited collected published requeued ended'.split(
    ' ',
  );

/** Runs whose objective says something: those that went well so far. */
const WELL = `status IN ('succeeded', 'running', 'collecting') AND objective IS NOT NULL`;

/** The better of two is the greater. */
const SCORE = `CASE objective_goal WHEN 'minimize' THEN -objective ELSE objective END`;

/** What happens now, and how each experiment stands. */
export function overviewSql(): Statements<'counts' | 'unfinished' | 'failure' | 'experiments'> {
  return {
    counts:
      'SELECT status, count(*) AS n, count(*) FILTER (stale) AS stale FROM runs GROUP BY status',
    unfinished: `SELECT ${LIST_COLUMNS} FROM runs WHERE ended_at IS NULL
      ORDER BY status = 'queued', coalesce(started_at, queued_at), trial LIMIT ${PAGE_ROWS}`,
    failure: `SELECT run_id, reason, error FROM runs
      WHERE status IN ('failed', 'timed_out', 'lost') ORDER BY ended_at DESC LIMIT 1`,
    experiments: experimentsSql(),
  };
}

/** A page of runs, how many there are, and how many in each status when that is not asked for. */
export function runsSql(filter: RunFilter): Statements<'rows' | 'statuses' | 'experiments'> {
  const { experiment, status, sort, descending, page } = filter;
  const others = conditions(
    experiment === '' ? '' : `experiment = ${literal(experiment)}`,
    // On lines of its own, so that a comment in it ends with it.
    filter.where === '' ? '' : `(\n${filter.where}\n)`,
  );
  const all = conditions(others, status === '' ? '' : `status = ${literal(status)}`);
  return {
    rows: `SELECT ${LIST_COLUMNS} FROM runs WHERE ${all}
      ORDER BY ${sort} ${descending ? 'DESC' : 'ASC'} NULLS LAST, queued_at DESC, trial, run_id
      LIMIT ${PAGE_ROWS} OFFSET ${(page - 1) * PAGE_ROWS}`,
    statuses: `SELECT status, count(*) AS n FROM runs WHERE ${others} GROUP BY status ORDER BY n DESC, status`,
    experiments: 'SELECT DISTINCT experiment FROM runs ORDER BY experiment',
  };
}

/** Everything about one run. */
export function runSql(
  id: string,
): Statements<'run' | 'attempts' | 'metrics' | 'artifacts' | 'events' | 'curves'> {
  const own = `run_id = ${literal(id)}`;
  const drawn = `SELECT key FROM metrics_summary JOIN runs USING (run_id) WHERE ${own}
    ORDER BY key IS DISTINCT FROM objective_metric, key LIMIT ${CURVES}`;
  return {
    run: `SELECT * FROM runs WHERE ${own}`,
    attempts: `SELECT attempt, status, reason, error, runner, host, started_at, duration_s FROM attempts
      WHERE ${own} ORDER BY attempt`,
    metrics: `SELECT key, last, min, max, best, argbest_step, last_step, count, nonfinite FROM metrics_summary
      WHERE ${own} ORDER BY key`,
    artifacts: `SELECT path, type, name, step, sha256, bytes FROM artifacts WHERE ${own} ORDER BY path`,
    events: `SELECT "at", type, status, reason, detail FROM events WHERE ${own}
      ORDER BY "at", list_position(${list(EVENT_ORDER)}, type)`,
    curves: curvesSql(`${own} AND key IN (${drawn})`, 100),
  };
}

/** How an experiment stands, its best runs, and what each commit of it gave. */
export function experimentSql(name: string): Statements<'summary' | 'best' | 'commits'> {
  const own = listed(`experiment = ${literal(name)}`);
  return {
    summary: experimentsSql(`experiment = ${literal(name)}`),
    best: `${own} SELECT * FROM listed
      WHERE ${WELL} AND objective_metric = (SELECT arg_max(objective_metric, queued_at) FROM listed)
        AND code = (SELECT arg_max(code, queued_at) FROM listed)
      ORDER BY ${SCORE} DESC, queued_at, run_id LIMIT 10`,
    commits: `${own} SELECT commit, any_value(branch) AS branch, any_value(author) AS author,
        any_value(message) AS message, ${TALLY}, arg_max(objective, ${SCORE}) FILTER (${WELL}) AS best,
        max(queued_at) AS queued_at
      FROM listed GROUP BY commit ORDER BY max(listed.queued_at) DESC LIMIT 100`,
  };
}

/** The file of exactly this path that a run left behind. */
export function artifactSql(id: string, path: string): Statements<'artifact'> {
  return {
    artifact: `SELECT path, sha256, bytes FROM artifacts
      WHERE run_id = ${literal(id)} AND path = ${literal(path)} AND sha256 IS NOT NULL LIMIT 1`,
  };
}

/** One curve of a run in at most so many buckets. */
export function seriesSql(id: string, metric: string, points: number): Statements<'curve'> {
  return { curve: curvesSql(`run_id = ${literal(id)} AND key = ${literal(metric)}`, points) };
}

const TALLY = `count(*) AS runs,
  count(*) FILTER (status = 'succeeded') AS succeeded,
  count(*) FILTER (status IN ('failed', 'timed_out', 'lost')) AS failed,
  count(*) FILTER (ended_at IS NULL) AS unfinished`;

/** The runs of a list, read once for all that asks for them. */
function listed(where: string): string {
  return `WITH listed AS MATERIALIZED (SELECT ${LIST_COLUMNS}, objective_goal, author, message FROM runs WHERE ${where})`;
}

/** One row for each experiment, with the best run of its newest code by the objective of its newest run. */
function experimentsSql(where = 'true'): string {
  return `${listed(where)}, tally AS (
      SELECT experiment, ${TALLY}, max(queued_at) AS queued_at, arg_max(run_id, queued_at) AS last_run,
        arg_max(code, queued_at) AS newest_code, arg_max(objective_metric, queued_at) AS metric, arg_max(objective_goal, queued_at) AS goal
      FROM listed GROUP BY experiment
    ), best AS (
      SELECT experiment, run_id AS best_run, trial AS best_trial, objective AS best
      FROM listed JOIN tally USING (experiment) WHERE ${WELL} AND objective_metric = metric AND code = newest_code
      QUALIFY row_number() OVER (PARTITION BY experiment ORDER BY ${SCORE} DESC, listed.queued_at, run_id) = 1
    )
    SELECT * FROM tally LEFT JOIN best USING (experiment) ORDER BY queued_at DESC, experiment`;
}

/** Curves by key in buckets of equal width: each has its last, lowest and highest value at its last step. */
function curvesSql(where: string, buckets: number): string {
  return `WITH points AS (
      SELECT key, step, t, value, min(step) OVER spread AS first_step,
        1 + (max(step) OVER spread::HUGEINT - min(step) OVER spread) // ${buckets} AS width
      FROM metrics WHERE ${where} AND isfinite(value) WINDOW spread AS (PARTITION BY key)
    ), buckets AS (
      SELECT key, max(step)::DOUBLE AS step, last(value ORDER BY step, t) AS last, min(value) AS low,
        max(value) AS high, count(*) AS n
      FROM points GROUP BY key, (step::HUGEINT - first_step) // width
    )
    SELECT key, sum(n)::BIGINT AS points,
      list({step: step, last: last, low: low, high: high} ORDER BY step) AS buckets
    FROM buckets GROUP BY key ORDER BY key`;
}

function conditions(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' AND ') || 'true';
}
