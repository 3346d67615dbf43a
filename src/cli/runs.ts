import { objectsOf, tables } from '../app/answers.ts';
import { literal, type RunRow } from '../app/find-run.ts';
import { findStore } from '../app/find-store.ts';
import { LightexError } from '../model/errors.ts';
import { formatDuration } from '../model/quantity.ts';
import { cell, print, printJson, say, styledStatus, table } from './output.ts';
import { positive } from './sql.ts';
import type { Verb } from './verbs.ts';

const COLUMNS =
  'run_id, experiment, trial, attempt, status, reason, error, objective_metric, objective, commit, branch, runner, queued_at, started_at, ended_at, duration_s, stale';

/** The newest runs first, filtered by experiment and by a SQL condition. */
export const run: Verb = async ([experiment], options) => {
  const { store } = await findStore(process.cwd());
  const limit = positive(options.limit);
  const conditions = [
    ...(experiment === undefined ? [] : [`experiment = ${literal(experiment)}`]),
    // On lines of its own, so that a comment in it ends with it.
    ...(options.where === undefined ? [] : [`(\n${options.where}\n)`]),
  ];
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const select = `SELECT ${COLUMNS} FROM runs ${where} ORDER BY queued_at DESC, trial LIMIT ${limit}`;
  const known = `SELECT DISTINCT experiment FROM runs ORDER BY experiment LIMIT 50`;
  const count = `SELECT count(*)::INTEGER AS n FROM runs ${where}`;
  const [answer, counted, experiments] = await tables(store, [select, count, known]);
  const names = experiments?.rows.map(([name]) => String(name)) ?? [];
  if (experiment !== undefined && !names.includes(experiment)) {
    throw new LightexError('LTX_NOT_FOUND', `no run of "${experiment}" is known`, {
      hint: names.length === 0 ? 'Nothing has run yet' : `There are runs of: ${names.join(', ')}`,
    });
  }
  const rows = answer === undefined ? [] : objectsOf(answer);
  if (options.json) printJson(rows);
  else {
    print(
      table(
        ['RUN', 'EXPERIMENT', 'TRIAL', 'STATUS', 'WHY', 'OBJECTIVE', 'COMMIT', 'TOOK'],
        rows.map(describeRow),
      ),
    );
    const total = Number(counted?.rows[0]?.[0] ?? rows.length);
    if (total > rows.length) say(`the newest ${rows.length} of ${total} runs; more with --limit`);
  }
  return 0;
};

function describeRow(row: RunRow): readonly string[] {
  const { run_id, experiment, trial, reason, objective, commit, duration_s } = row;
  const took = typeof duration_s === 'number' ? formatDuration(duration_s * 1000) : '–';
  return [
    cell(run_id),
    cell(experiment),
    cell(trial),
    statusOf(row),
    cell(reason),
    cell(objective),
    String(commit).slice(0, 8),
    took,
  ];
}

/** The status in its colour; `stale` is said beside it, never instead of it. */
export function statusOf({ status, stale }: RunRow): string {
  return `${styledStatus(String(status))}${stale === true ? ' (stale)' : ''}`;
}
