/** The SQL of a report, in two rounds: first which runs and metrics there are, then the curves of those that are drawn. */

import type { Answers } from './answers.ts';
import { compare } from './configurations.ts';
import { type CurvePlan, planCurves } from './curves.ts';
import type { ReportDefinition } from './definition.ts';

/** Runs that one report reads; the newest when there are more, and the page says so. */
export const RUN_LIMIT = 10_000;

/** A SQL text literal. The only way in which a value gets into a statement. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The statements of the first round by name; those of the layout's own blocks are `block-<index>`. */
export function firstQueries(definition: ReportDefinition): ReadonlyMap<string, string> {
  const chosen = chosenRuns(definition);
  const queries = new Map([
    ['totals', `${chosen} ${TOTALS}`],
    ['runs', `${chosen}, ${DIFFERING} ${runRows(definition)}`],
    ['constants', `${chosen}, ${DIFFERING} ${CONSTANTS}`],
    ['metrics', `${chosen} ${METRICS}`],
    ['failures', `${chosen} ${FAILURES}`],
  ]);
  definition.layout.forEach((block, i) => {
    if (block.block === 'chart' || block.block === 'table') {
      queries.set(
        `block-${i}`,
        namesChosen(block.sql) ? `${chosen}\nSELECT * FROM (\n${unended(block.sql)}\n)` : block.sql,
      );
    }
  });
  return queries;
}

/** The statements of the second round, given the answers to the first. Both rounds' answers make the report. */
export function nextQueries(
  definition: ReportDefinition,
  answers: Answers,
): ReadonlyMap<string, string> {
  const plans = planCurves(definition, compare(definition, answers), answers);
  return new Map(plans.map((plan) => [plan.query, curveSql(plan)]));
}

/** SQL of a report's author may read `chosen`: the runs that the report compares, with the columns of `runs`. */
function namesChosen(sql: string): boolean {
  return /\bchosen\b/i.test(sql);
}

/** Without the semicolon that may end a statement, but nothing in brackets. */
function unended(sql: string): string {
  return sql.replace(/[\s;]+$/, '');
}

function chosenRuns({ experiment, where, code }: ReportDefinition): string {
  // The condition has lines of its own, so that a comment in it ends with it.
  const condition = where === undefined ? '' : ` AND (\n${where}\n)`;
  const ofCode = code === undefined ? '' : ` AND code = ${quoted(code.hash)}`;
  return `WITH chosen AS (SELECT * FROM runs WHERE experiment = ${quoted(experiment)}${ofCode}${condition})`;
}

const TOTALS = `SELECT status, count(*) AS runs, sum(duration_s) AS seconds, sum(points)::BIGINT AS points,
  sum(invalid_lines)::BIGINT AS invalid_lines, count(*) FILTER (stale) AS stale FROM chosen GROUP BY status ORDER BY status`;

// A null is a value too. Runs without any parameter (from elsewhere) make no parameter differ.
const DIFFERING = `of_chosen AS (SELECT p.run_id, p.key, p.value FROM params p WHERE p.run_id IN (SELECT run_id FROM chosen)),
keys AS (SELECT key, any_value(value) AS value, count(DISTINCT value) + max((value IS NULL)::INTEGER) > 1
  OR count(*) < (SELECT count(DISTINCT run_id) FROM of_chosen) AS differs FROM of_chosen GROUP BY key)`;

const CONSTANTS = 'SELECT key, value FROM keys WHERE NOT differs ORDER BY key LIMIT 1000';

const METRICS = `SELECT key, count(*) AS points, count(DISTINCT run_id) AS runs, count(DISTINCT step) AS steps,
  min(step) AS first_step, max(step) AS last_step, min(value) FILTER (isfinite(value)) AS lowest,
  max(value) FILTER (isfinite(value)) AS highest, count(*) FILTER (NOT isfinite(value)) AS nonfinite
FROM metrics WHERE run_id IN (SELECT run_id FROM chosen) GROUP BY key ORDER BY points DESC, key LIMIT 1000`;

// The example is one struct: arg_max of each column alone would skip nulls and mix several runs.
const FAILURES = `SELECT status, reason, runs, example.run_id, example.trial, example.exit_code, example.error FROM (
  SELECT status, reason, count(*) AS runs, arg_max({ run_id: run_id, trial: trial, exit_code: exit_code, error: error },
    coalesce(ended_at, queued_at)) AS example
  FROM chosen WHERE status IN ('failed', 'timed_out', 'lost', 'cancelled') GROUP BY status, reason)
ORDER BY runs DESC, status, reason`;

function runRows({ objective }: ReportDefinition): string {
  const best = objective?.goal === 'minimize' ? 's.min' : 's.max';
  const value = objective?.of === 'best' ? best : 's.last';
  const summary =
    objective === undefined
      ? ''
      : `LEFT JOIN metrics_summary s ON s.run_id = r.run_id AND s.key = ${quoted(objective.metric)}`;
  return `SELECT r.run_id, r.trial, r.trial_key, r.rerun, r.status, r.reason, r."commit", r.cell, r.duration_s,
  r.queued_at, r.started_at, v.params, ${objective === undefined ? 'NULL' : value} AS objective,
  ${objective === undefined ? 'NULL' : 's.nonfinite'} AS nonfinite
FROM chosen r ${summary}
LEFT JOIN (SELECT run_id, map_from_entries(list((key, value) ORDER BY key)) AS params
  FROM of_chosen WHERE key IN (SELECT key FROM keys WHERE differs) GROUP BY run_id) v ON v.run_id = r.run_id
ORDER BY r.queued_at DESC, r.run_id LIMIT ${RUN_LIMIT}`;
}

/**
 * Points of one metric by configuration and bucket of steps: the last value of each run in the bucket, then mean and
 * sample deviation over the runs. The lowest and highest value of each bucket are kept, so that no spike is lost.
 */
function curveSql({ metric, members, firstStep, bucketSteps }: CurvePlan): string {
  const values = members.map(({ run, group }) => `(${quoted(run)}, ${group})`).join(', ');
  return `WITH member(run_id, g) AS (VALUES ${values}),
per_run AS (SELECT g, metrics.run_id, (step - ${firstStep}) // ${bucketSteps} AS b, max(step) AS x,
  arg_max(value, step) AS last, min(value) AS lo, max(value) AS hi, count(*) AS points
  FROM metrics JOIN member ON metrics.run_id = member.run_id
  WHERE key = ${quoted(metric)} AND isfinite(value) GROUP BY ALL),
bucket AS (SELECT g, b, max(x) AS x, avg(last) AS mean, stddev_samp(last) AS sd, min(lo) AS lo, max(hi) AS hi,
  count(*) AS n, sum(points) AS points FROM per_run GROUP BY g, b)
SELECT g, list(x ORDER BY b) AS x, list(mean ORDER BY b) AS mean, list(sd ORDER BY b) AS sd, list(lo ORDER BY b) AS lo,
  list(hi ORDER BY b) AS hi, max(n) AS runs, sum(points)::BIGINT AS points FROM bucket GROUP BY g ORDER BY g`;
}
