/** SELECT statements over what the store keeps: the one spelling for the finisher, which writes, and for the views. */

import { RUN_COLUMNS } from './columns.ts';
import type { RunRow } from './run-row.ts';
import { toJson } from './wal-line.ts';

/** A WAL file (absolute) and whose points it holds. */
export interface WalFile {
  readonly file: string;
  readonly run_id: string;
  readonly attempt: number;
  readonly experiment: string;
}

/** A string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of string literals. */
export function list(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`;
}

export function quoted(name: string): string {
  return `"${name}"`;
}

/** No rows, of these columns. */
export function emptySql(
  columns: readonly { readonly name: string; readonly type: string }[],
): string {
  const typed = columns.map(({ name, type }) => `NULL::${type} AS ${quoted(name)}`);
  return `SELECT ${typed.join(', ')} WHERE false`;
}

/**
 * The rows, in the columns of the history. What a row of another version lacks is null, what it has besides is
 * left out: a cast to STRUCT refuses both.
 */
export function rowsSql(rows: readonly RunRow[]): string {
  const times = RUN_COLUMNS.filter(({ type }) => type === 'TIMESTAMPTZ');
  const toTime = times.map(({ name }) => `make_timestamptz(${name} * 1000) AS ${name}`);
  const fields = RUN_COLUMNS.map(
    ({ name, type }) => `${quoted(name)} ${type === 'TIMESTAMPTZ' ? 'BIGINT' : type}`,
  );
  return `SELECT * REPLACE (${toTime.join(', ')})
    FROM (SELECT unnest(CAST(CAST(${literal(toJson(rows.map(known)))} AS JSON) AS STRUCT(${fields.join(', ')})[]), max_depth := 2))`;
}

function known(row: RunRow): object {
  return Object.fromEntries(RUN_COLUMNS.map(({ name }) => [name, row[name] ?? null]));
}

/** The points of WAL files. `torn`: a writer may be in the middle of a line, which then does not count. */
export function pointsSql(wals: readonly WalFile[], { torn }: { readonly torn: boolean }): string {
  const owners = wals.map(
    ({ file, run_id, attempt, experiment }) =>
      `(${[file, run_id].map(literal).join(', ')}, ${attempt}::INTEGER, ${literal(experiment)})`,
  );
  return `SELECT run_id, attempt, experiment, point.key AS key, step, make_timestamptz(t * 1000) AS t, point.value AS value
    FROM (
      SELECT file, t, step, unnest(map_entries(m)) AS point
      FROM read_json(${list(wals.map(({ file }) => file))}, format = 'newline_delimited', filename = 'file',
        columns = {t: 'BIGINT', step: 'BIGINT', m: 'MAP(VARCHAR, DOUBLE)'}, ignore_errors = ${torn})
      WHERE m IS NOT NULL
    )
    JOIN (VALUES ${owners.join(', ')}) AS owners(file, run_id, attempt, experiment) USING (file)`;
}

/**
 * The summary of each metric of each run from its points: what `Curve` does for an attempt, for histories that
 * several attempts make. The contract suite holds them against each other.
 */
export function summariesSql(points: string, runs: string): string {
  return `SELECT
      run_id, any_value(p.experiment) AS experiment, key,
      last(value ORDER BY step, t) FILTER (isfinite(value)) AS last,
      min(value) FILTER (isfinite(value)) AS min,
      max(value) FILTER (isfinite(value)) AS max,
      CASE WHEN key = any_value(objective_metric)
        THEN CASE any_value(objective_goal) WHEN 'minimize' THEN min ELSE max END END AS best,
      CASE WHEN key = any_value(objective_metric)
        THEN CASE any_value(objective_goal)
          WHEN 'minimize' THEN first(step ORDER BY value, step) FILTER (isfinite(value))
          ELSE first(step ORDER BY value DESC, step) FILTER (isfinite(value)) END END AS argbest_step,
      max(step) FILTER (isfinite(value)) AS last_step,
      count(*) FILTER (isfinite(value)) AS count,
      count(*) FILTER (NOT isfinite(value)) AS nonfinite
    FROM ${points} AS p JOIN ${runs} AS r USING (run_id)
    GROUP BY run_id, key`;
}
