/** `/api`: the same as JSON, SQL for programs, and the one thing that can be changed. */

import { QUERY_LIMITS } from '../app/answers.ts';
import { requestCancel } from '../app/control.ts';
import { type Row, rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { type RunFilter, runSql, runsSql, seriesSql } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';
import type { Table } from '../model/event.ts';
import type { RunId } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import { textIn, wholeIn } from './run-filter.ts';
import { findRun } from './run-id.ts';
import { bucketsOf } from './run-metrics.ts';

const MAX_POINTS = 1_000;
const MAX_ROWS = QUERY_LIMITS.maxRows;

/** A page of runs, and how many the filter finds. */
export async function runsJson(site: Site, filter: RunFilter): Promise<object> {
  const { rows, statuses } = await site.queries.ask(runsSql(filter));
  const counted = rowsOf(statuses).filter(
    ({ status }) => filter.status === '' || status === filter.status,
  );
  return {
    total: counted.reduce((sum, { n }) => sum + Number(n), 0),
    page: filter.page,
    runs: rowsOf(rows),
  };
}

/** Everything about one run, with the names of `lightex show --json`. @throws LTX_NOT_FOUND */
export async function runJson(site: Site, id: RunId): Promise<object> {
  const answers = await site.queries.ask(runSql(id));
  const [run] = rowsOf(answers.run);
  if (run === undefined) throw new LightexError('LTX_NOT_FOUND', `there is no run ${id}`);
  return {
    ...run,
    attempts: rowsOf(answers.attempts),
    metrics_summary: rowsOf(answers.metrics),
    artifacts: rowsOf(answers.artifacts),
    events: rowsOf(answers.events),
  };
}

/** A curve in at most `points` buckets, and how many points were logged. @throws LTX_USAGE, LTX_NOT_FOUND */
export async function seriesJson(
  site: Site,
  query: Readonly<Record<string, unknown>>,
): Promise<object> {
  const metric = textIn(query, 'metric');
  const points = wholeIn(query, 'points', 100, MAX_POINTS);
  if (metric === '') throw new LightexError('LTX_USAGE', 'say which metric: ?run=ID&metric=KEY');
  const { runId } = await findRun(site, textIn(query, 'run'));
  const { curve } = await site.queries.ask(seriesSql(runId, metric, points));
  const row: Row = rowsOf(curve)[0] ?? { points: 0, buckets: [] };
  return { run: runId, metric, points: row.points, buckets: bucketsOf(row) };
}

/** One SELECT of somebody's own. @throws LTX_USAGE, LTX_SQL_… */
export async function queryJson(site: Site, body: unknown): Promise<Table> {
  const { sql, limit = MAX_ROWS } = asRequest(body);
  if (typeof sql !== 'string' || !isLimit(limit)) {
    throw new LightexError(
      'LTX_USAGE',
      `the body must be JSON: {"sql": "SELECT …", "limit": 100}, with a limit from 1 to ${MAX_ROWS}`,
    );
  }
  const { own } = await site.queries.ask({ own: sql }, { ...QUERY_LIMITS, maxRows: limit });
  if ('table' in own) return own.table;
  throw new LightexError(own.error.code, own.error.message);
}

/** Leaves the wish that the run be cancelled. @throws LTX_NOT_FOUND, LTX_AMBIGUOUS, LTX_USAGE when it has ended */
export async function cancelRun(site: Site, prefix: string): Promise<object> {
  const { runId, status } = await findRun(site, prefix);
  if (isFinal(status))
    throw new LightexError('LTX_USAGE', `run ${runId} has ended: it is ${status}`);
  await requestCancel(site.workspace, [runId], 'somebody with the token, by HTTP');
  return { run_id: runId, status, cancel_requested: true };
}

function asRequest(body: unknown): { readonly sql?: unknown; readonly limit?: unknown } {
  return typeof body === 'object' && body !== null ? body : {};
}

function isLimit(limit: unknown): limit is number {
  return (
    typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1 && limit <= MAX_ROWS
  );
}
