import { objectsOf, tables } from '../app/answers.ts';
import { comparedCode } from '../app/compared-code.ts';
import { literal, type RunRow } from '../app/find-run.ts';
import { withWorkingCopy } from '../app/working-copy.ts';
import { storeFolder } from '../app/workspace.ts';
import type { ComparedCode } from '../model/compared-code.ts';
import { LightexError } from '../model/errors.ts';
import { cell, print, printJson, say, table } from './output.ts';
import { positive } from './sql.ts';
import type { Verb } from './verbs.ts';

/** The best configurations of an experiment by its objective: mean, sample standard deviation and n over seeds. */
export const run: Verb = async ([experiment = ''], { top, json }) => {
  const { store, code } = await compared(experiment);
  const chosen = chosenSql(experiment, code?.hash);
  const [found, count] = await tables(store, [best(chosen, positive(top)), counts(chosen)]);
  const rows = found === undefined ? [] : objectsOf(found);
  const [counted = {}] = count === undefined ? [] : objectsOf(count);
  if (!counted.configurations) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      `no run of "${experiment}" has succeeded with a value of an objective`,
      {
        hint: `See its runs with: lightex runs ${experiment}. An experiment declares its objective as { metric, goal }`,
      },
    );
  }
  if (json) printJson(rows);
  else printBest(rows, counted, code);
  return 0;
};

function printBest(
  rows: readonly RunRow[],
  { metric, configurations, missing }: RunRow,
  code: ComparedCode | undefined,
): void {
  const lines = rows.map((row, index) => [
    String(index + 1),
    cell(row.configuration) || '(one)',
    ...[row.mean, row.sd, row.n, row.best_run].map(cell),
  ]);
  print(table(['#', 'CONFIGURATION', String(metric), 'SD', 'N', 'BEST RUN'], lines));
  const notes = [
    `${rows.length} of ${configurations} configurations, mean over seeds of succeeded runs`,
    ...(Number(missing) > 0 ? [`${missing} succeeded runs without a value are left out`] : []),
    ...(code !== undefined && code.otherRuns > 0
      ? [`${code.otherRuns} runs of other code are left out`]
      : []),
    ...(code?.isCited === false
      ? ["the working directory's code has not run: this is the code that ran last"]
      : []),
  ];
  say(notes.join('; '));
}

/** The store, and which code's runs may be compared: the working directory's, where the experiment is in it. */
function compared(
  experiment: string,
): Promise<{ readonly store: string; readonly code: ComparedCode | undefined }> {
  return withWorkingCopy(process.cwd(), async ({ workspace, project, tree }) => {
    const store = storeFolder(workspace, project.settings.store);
    const declared = project.experiments.find(({ name }) => name === experiment);
    return {
      store,
      code: declared === undefined ? undefined : await comparedCode(store, declared, tree),
    };
  });
}

/**
 * Succeeded runs of one code, each set of parameters once. A configuration is the parameters without the seed; its words
 * are those parameters that are not the same in all of them.
 */
function chosenSql(experiment: string, code: string | undefined): string {
  const ofCode = code === undefined ? '' : ` AND code = ${literal(code)}`;
  return `
  WITH chosen AS (
    SELECT * FROM runs WHERE experiment = ${literal(experiment)} AND status = 'succeeded'${ofCode}
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
}

function best(chosen: string, top: number): string {
  return `${chosen}
  SELECT configuration, avg(objective) AS mean, stddev_samp(objective) AS sd, count(*) AS n,
    CASE WHEN objective_goal = 'minimize' THEN arg_min(run_id, objective) ELSE arg_max(run_id, objective) END AS best_run
  FROM configured GROUP BY configuration, objective_goal
  ORDER BY CASE WHEN objective_goal = 'minimize' THEN mean ELSE -mean END, configuration LIMIT ${top}`;
}

function counts(chosen: string): string {
  return `${chosen}
  SELECT (SELECT any_value(objective_metric) FROM valued) AS metric,
    (SELECT count(DISTINCT configuration) FROM configured) AS configurations,
    (SELECT count(*) FROM chosen) - (SELECT count(*) FROM valued) AS missing`;
}
