/** The views of docs/sql.md, as statements for an empty in-memory DuckDB. */

import { ANNOTATION_COLUMNS, POINT_COLUMNS, PUBLIC_COLUMNS, RUN_COLUMNS } from './columns.ts';
import type { Snapshot } from './snapshot.ts';
import { emptySql, list, literal, pointsSql, quoted, rowsSql, summariesSql } from './sql.ts';

const COLUMNS = PUBLIC_COLUMNS.map(({ name }) => quoted(name)).join(', ');

/** What people query; everything else is in the schema `store` and may change. */
const VIEWS: Readonly<Record<string, string>> = {
  attempts: `SELECT ${COLUMNS} FROM store.attempts`,

  runs: `SELECT a.* REPLACE (
        coalesce(h.metrics, a.metrics) AS metrics,
        coalesce(h.objective, a.objective) AS objective,
        coalesce(h.points, a.points) AS points)
    FROM (SELECT ${COLUMNS} FROM store.newest) AS a LEFT JOIN store.histories AS h USING (run_id)`,

  params: `SELECT run_id, experiment, p.key, p.value, p.number
    FROM (SELECT run_id, experiment, unnest(param_values) AS p FROM store.newest)`,

  metrics: `SELECT p.run_id, p.experiment, p.key, p.step, p.t, p.value
    FROM store.points AS p ANTI JOIN store.resumed AS r
      ON p.run_id = r.run_id AND p.key = r.key AND p.attempt < r.attempt AND p.step >= r.first_step`,

  metrics_summary: `SELECT run_id, experiment, s.key, s.last, s.min, s.max, s.best, s.argbest_step,
      s.last_step, s.count, s.nonfinite
    FROM (
      SELECT run_id, experiment, unnest(metric_summaries) AS s
      FROM store.newest ANTI JOIN store.superseded USING (run_id)
    )
    UNION ALL BY NAME SELECT * FROM store.merged`,

  artifacts: `SELECT run_id, experiment, a.path, a.type, a.name, a.step, a.sha256, a.bytes
    FROM (SELECT run_id, experiment, unnest(artifacts) AS a FROM store.newest)`,

  events: `SELECT DISTINCT run_id, make_timestamptz(e."at" * 1000) AS "at", e.type, e.status, e.reason, e.detail
    FROM (SELECT run_id, unnest(events) AS e FROM store.attempts)`,

  trials: `SELECT trial_key, any_value(experiment) AS experiment, any_value(trial) AS trial,
      last(params ORDER BY queued_at, rerun) AS params, count(*) AS runs,
      last(run_id ORDER BY queued_at, rerun) AS last_run_id, last(status ORDER BY queued_at, rerun) AS status
    FROM store.newest GROUP BY trial_key`,

  commits: `SELECT commit, any_value(tree) AS tree, any_value(branch) AS branch, any_value(author) AS author,
      any_value(message) AS message, count(*) AS runs,
      min(queued_at) AS first_queued_at, max(queued_at) AS last_queued_at
    FROM store.newest GROUP BY commit`,

  annotations: emptySql(ANNOTATION_COLUMNS),
};

/** The names of the public views, in the order of docs/sql.md. */
export const VIEW_NAMES: readonly string[] = Object.keys(VIEWS);

/**
 * The statements that make the views over this snapshot, in order. `folder` is the store's absolute path.
 * The files are named one by one: a glob would also see what is being written, or was replaced.
 */
export function viewStatements(folder: string, snapshot: Snapshot): readonly string[] {
  const view = (name: string, select: string) => `CREATE VIEW ${name} AS ${select}`;
  return [
    'CREATE SCHEMA store',
    ...supersededStatements(snapshot),
    `CREATE TABLE store.unfinished AS ${snapshot.live.length > 0 ? rowsSql(snapshot.live) : emptySql(RUN_COLUMNS)}`,
    view('store.attempts', attemptsSql(folder, snapshot)),
    view(
      'store.newest',
      'SELECT * FROM store.attempts ANTI JOIN store.superseded USING (run_id, attempt)',
    ),
    view('store.points', allPointsSql(folder, snapshot)),
    view('store.resumed', RESUMED),
    view('metrics', VIEWS.metrics ?? ''),
    view('store.merged', summariesSql('metrics', RETRIED)),
    view('store.histories', HISTORIES),
    ...Object.entries(VIEWS).flatMap(([name, sql]) =>
      name === 'metrics' ? [] : [view(name, sql)],
    ),
  ];
}

/** Newest attempts of runs that have earlier ones: their history is made of several attempts' points. */
const RETRIED = '(SELECT * FROM store.newest SEMI JOIN store.superseded USING (run_id))';

/** Where an attempt's points of a key begin, and hide those of earlier attempts. */
const RESUMED = `SELECT run_id, attempt, s.key AS key, s.first_step AS first_step
  FROM (
    SELECT run_id, attempt, unnest(metric_summaries) AS s
    FROM store.attempts SEMI JOIN store.superseded USING (run_id)
  )`;

const HISTORIES = `SELECT run_id, map_from_entries(list((m.key, m.last) ORDER BY m.key)) AS metrics,
    any_value(CASE r.objective_of WHEN 'best' THEN m.best ELSE m.last END)
      FILTER (m.key = r.objective_metric) AS objective,
    sum(m.count + m.nonfinite)::BIGINT AS points
  FROM store.merged AS m JOIN ${RETRIED} AS r USING (run_id) GROUP BY run_id`;

function supersededStatements({ superseded }: Snapshot): readonly string[] {
  const rows = superseded.map(({ runId, attempt }) => `(${literal(runId)}, ${attempt})`);
  return [
    'CREATE TABLE store.superseded (run_id VARCHAR, attempt INTEGER)',
    ...(rows.length > 0 ? [`INSERT INTO store.superseded VALUES ${rows.join(', ')}`] : []),
  ];
}

function attemptsSql(folder: string, { runFiles }: Snapshot): string {
  const unfinished = 'SELECT * FROM store.unfinished';
  return runFiles.length === 0
    ? unfinished
    : `SELECT * FROM read_parquet(${list(runFiles.map((file) => `${folder}/${file}`))}) UNION ALL BY NAME ${unfinished}`;
}

function allPointsSql(folder: string, { metricFiles, live }: Snapshot): string {
  const wals = live.flatMap(({ wal, run_id, attempt, experiment }) =>
    wal === null ? [] : [{ file: `${folder}/${wal}`, run_id, attempt, experiment }],
  );
  const parts = [
    ...(metricFiles.length > 0
      ? [`SELECT * FROM read_parquet(${list(metricFiles.map((file) => `${folder}/${file}`))})`]
      : []),
    ...(wals.length > 0 ? [pointsSql(wals, { torn: true })] : []),
  ];
  return parts.length > 0 ? parts.join(' UNION ALL BY NAME ') : emptySql(POINT_COLUMNS);
}
