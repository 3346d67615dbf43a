import { objectsOf, tables } from '../app/answers.ts';
import { findRuns, literal, type RunRow } from '../app/find-run.ts';
import { findStore } from '../app/find-store.ts';
import { outputOf } from '../app/run-output.ts';
import { flatten } from '../model/dotted.ts';
import type { JsonObject, RunId } from '../model/experiment.ts';
import { formatBytes, formatDuration } from '../model/quantity.ts';
import { cell, print, printJson, styled, table } from './output.ts';
import { statusOf } from './runs.ts';
import type { Verb } from './verbs.ts';

const LAST_LINES = 12;

/** Everything about one run. */
export const run: Verb = async ([prefix = ''], { json }) => {
  const { workspace, store } = await findStore(process.cwd());
  const [row = {}] = await findRuns(store, [prefix]);
  const id = literal(String(row.run_id));
  const [attempts = [], metrics = [], artifacts = []] = (
    await tables(store, [
      `SELECT attempt, status, reason, error, runner, started_at, duration_s FROM attempts WHERE run_id = ${id} ORDER BY attempt`,
      `SELECT key, last, min, max, last_step, count, nonfinite FROM metrics_summary WHERE run_id = ${id} ORDER BY key`,
      `SELECT path, type, bytes, sha256 FROM artifacts WHERE run_id = ${id} ORDER BY path`,
    ])
  ).map(objectsOf);
  const output = await outputOf(workspace, store, String(row.run_id) as RunId, Number(row.attempt));
  const lastLines = output?.toString().trimEnd().split('\n').slice(-LAST_LINES) ?? [];
  if (json)
    printJson({ ...row, attempts, metrics_summary: metrics, artifacts, last_output: lastLines });
  else printRun(row, attempts, metrics, artifacts, lastLines);
  return 0;
};

function printRun(
  row: RunRow,
  attempts: readonly RunRow[],
  metrics: readonly RunRow[],
  artifacts: readonly RunRow[],
  lastLines: readonly string[],
): void {
  print(table(['RUN', String(row.run_id)], factsOf(row)));
  const params = Object.entries(flatten(row.params as JsonObject));
  section(
    'Parameters',
    ['KEY', 'VALUE'],
    params.map(([key, value]) => [cell(key), cell(value)]),
  );
  section(
    'Metrics',
    ['KEY', 'LAST', 'MIN', 'MAX', 'LAST STEP', 'POINTS', 'NOT FINITE'],
    metrics.map((one) =>
      [one.key, one.last, one.min, one.max, one.last_step, one.count, one.nonfinite].map(cell),
    ),
  );
  if (attempts.length > 1) {
    section(
      'Attempts',
      ['ATTEMPT', 'STATUS', 'WHY'],
      attempts.map((one) => [cell(one.attempt), statusOf(one), cell(one.error)]),
    );
  }
  section(
    'Artifacts',
    ['PATH', 'TYPE', 'SIZE', 'SHA256'],
    artifacts.map((one) => [
      cell(one.path),
      cell(one.type),
      formatBytes(Number(one.bytes)),
      String(one.sha256).slice(0, 12),
    ]),
  );
  print(`\n${styled('bold', `Last output (${lastLines.length} lines)`)}`);
  for (const line of lastLines) print(cell(line));
}

function section(
  title: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  print(`\n${styled('bold', title)}`);
  print(rows.length === 0 ? 'none' : table(headings, rows));
}

function factsOf(row: RunRow): readonly (readonly string[])[] {
  const took = typeof row.duration_s === 'number' ? formatDuration(row.duration_s * 1000) : '–';
  const links = row.links as string[] | null;
  return [
    ['experiment', `${cell(row.experiment)}  ${cell(row.trial)}`],
    ['status', row.error === null ? statusOf(row) : `${statusOf(row)}: ${cell(row.error)}`],
    [
      'objective',
      row.objective_metric === null
        ? '–'
        : `${cell(row.objective_metric)} = ${cell(row.objective)}`,
    ],
    [
      'commit',
      `${String(row.commit).slice(0, 12)}  ${cell(row.branch)}  ${cell(row.author)}: ${cell(row.message)}`,
    ],
    ['command', (row.command as string[]).map(cell).join(' ')],
    ['ran', `${cell(row.started_at)}  ${took}  on ${cell(row.runner)} (${cell(row.host)})`],
    ...(links === null || links.length === 0
      ? []
      : [['linked', `${links.map(cell).join(', ')}: not covered by the trial's key`]]),
    ...(row.invalid_lines
      ? [['not read', `${row.invalid_lines} protocol lines that are not valid`]]
      : []),
  ];
}
