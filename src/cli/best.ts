import { objectsOf, tables } from '../app/answers.ts';
import { literal } from '../app/find-run.ts';
import { findStore } from '../app/find-store.ts';
import { LightexError } from '../model/errors.ts';
import { cell, print, printJson, say, table } from './output.ts';
import { positive } from './sql.ts';
import type { Verb } from './verbs.ts';

/** The best configurations of an experiment by its objective: mean, sample standard deviation and n over seeds. */
export const run: Verb = async ([experiment = ''], { top, json }) => {
  const { store } = await findStore(process.cwd());
  const [found, count] = await tables(store, [best(experiment, positive(top)), counts(experiment)]);
  const rows = found === undefined ? [] : objectsOf(found);
  const [{ metric, configurations, missing } = {}] = count === undefined ? [] : objectsOf(count);
  if (configurations === undefined || configurations === 0) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      `no run of "${experiment}" has succeeded with a value of its objective`,
      {
        hint: `See its runs with: lightex runs ${experiment}`,
      },
    );
  }
  if (json) {
    printJson(rows);
    return 0;
  }
  const lines = rows.map((row, index) => [
    String(index + 1),
    cell(row.configuration) || '(one)',
    cell(row.mean),
    cell(row.sd),
    cell(row.n),
    cell(row.best_run),
  ]);
  print(table(['#', 'CONFIGURATION', String(metric), 'SD', 'N', 'BEST RUN'], lines));
  const without =
    Number(missing) > 0 ? `; ${missing} succeeded runs without a value are left out` : '';
  say(
    `${rows.length} of ${configurations} configurations, mean over seeds of succeeded runs${without}`,
  );
  return 0;
};

/**
 * Succeeded runs, each set of parameters once with its newest code. A configuration is the parameters without the seed;
 * its words are those parameters that are not the same in all of them.
 */
const CHOSEN = (experiment: string) => `
  WITH chosen AS (
    SELECT * FROM runs WHERE experiment = ${literal(experiment)} AND status = 'succeeded'
    QUALIFY row_number() OVER (PARTITION BY params::VARCHAR, rerun ORDER BY queued_at DESC) = 1
  ), valued AS (
    SELECT * FROM chosen WHERE isfinite(objective)
  ), varying AS (
    SELECT key FROM params JOIN valued USING (run_id) WHERE key <> 'seed' GROUP BY key HAVING count(DISTINCT value) > 1
  ), labelled AS (
    SELECT run_id, string_agg(key || '=' || value, ' ' ORDER BY key) AS configuration
    FROM params JOIN varying USING (key) GROUP BY run_id
  ), configured AS (
    SELECT valued.*, coalesce(configuration, '') AS configuration FROM valued LEFT JOIN labelled USING (run_id)
  )`;

function best(experiment: string, top: number): string {
  return `${CHOSEN(experiment)}
  SELECT configuration, avg(objective) AS mean, stddev_samp(objective) AS sd, count(*) AS n,
    CASE WHEN objective_goal = 'minimize' THEN arg_min(run_id, objective) ELSE arg_max(run_id, objective) END AS best_run
  FROM configured GROUP BY configuration, objective_goal
  ORDER BY CASE WHEN objective_goal = 'minimize' THEN mean ELSE -mean END, configuration LIMIT ${top}`;
}

function counts(experiment: string): string {
  return `${CHOSEN(experiment)}
  SELECT (SELECT any_value(objective_metric) FROM valued) AS metric,
    (SELECT count(DISTINCT configuration) FROM configured) AS configurations,
    (SELECT count(*) FROM chosen) - (SELECT count(*) FROM valued) AS missing`;
}
