/** Answers of a store that does not exist: what the report's queries would give for a synthetic sweep. */

import type { Table } from '../../src/model/event.ts';
import type { Json } from '../../src/model/experiment.ts';
import type { Answer } from '../../src/qviz/answers.ts';
import { compare } from '../../src/qviz/configurations.ts';
import { planCurves } from '../../src/qviz/curves.ts';
import type { ReportDefinition } from '../../src/qviz/definition.ts';

export interface Sweep {
  readonly configurations: number;
  readonly seeds: number;
  readonly steps: number;
  readonly metrics: readonly string[];
  /** Status of the i-th run. */
  readonly status: (run: number) => string;
}

export const SWEEP: Sweep = {
  configurations: 40,
  seeds: 5,
  steps: 200,
  metrics: ['val/accuracy', 'val/loss', 'train/loss'],
  status: (run) =>
    run % 29 === 28
      ? 'failed'
      : run % 67 === 66
        ? 'running'
        : run % 97 === 96
          ? 'queued'
          : 'succeeded',
};

const LRS = ['0.3', '0.1', '0.03', '0.01', '0.003'];

/** The answers to both rounds of a definition's queries. The same sweep gives the same answers. */
export function answersOf(definition: ReportDefinition, sweep: Sweep): Map<string, Answer> {
  const answers = new Map<string, Answer>([
    ['runs', runsTable(definition, sweep)],
    ['totals', totalsTable(sweep)],
    ['metrics', metricsTable(sweep)],
    ['failures', failuresTable(sweep)],
    [
      'constants',
      table(
        ['key', 'value'],
        [
          ['epochs', '30'],
          ['model.activation', 'tanh'],
        ],
      ),
    ],
  ]);
  definition.layout.forEach((block, i) => {
    if (block.block !== 'chart' && block.block !== 'table') return;
    answers.set(
      `block-${i}`,
      table(
        ['lr', 'loss'],
        LRS.map((lr, j) => [lr, 0.2 + 0.1 * j]),
      ),
    );
  });
  for (const plan of planCurves(definition, compare(definition, answers), answers)) {
    answers.set(plan.query, curvesTable(plan, sweep));
  }
  return answers;
}

/** A table whose columns have no types that matter. */
export function table(
  names: readonly string[],
  rows: readonly (readonly Json[])[],
): { table: Table } {
  const columns = names.map((name) => ({ name, type: 'VARCHAR' }));
  return { table: { columns, rows, truncated: false } };
}

function runsTable(definition: ReportDefinition, sweep: Sweep): Answer {
  const metric = definition.objective?.metric;
  const rows = everyRun(sweep).map((run) => {
    const cell = {
      lr: lrOf(run, sweep),
      'model.hidden': hiddenOf(run, sweep),
      seed: run % sweep.seeds,
    };
    const params = Object.fromEntries(
      Object.entries(cell).map(([key, value]) => [key, `${value}`]),
    );
    const status = sweep.status(run);
    return [
      `run${String(run).padStart(5, '0')}abcdefgh`,
      Object.entries(cell)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
      `key${run}`,
      0,
      status,
      status === 'failed' ? 'oom' : null,
      '7f3c9a1e52aabbccddee00112233445566778899',
      cell,
      status === 'queued' ? null : 60 + 10 * noise(run, 1),
      '2026-11-23T22:00:00.000Z',
      status === 'queued' ? null : '2026-11-23T22:01:00.000Z',
      params,
      metric === undefined || status === 'queued'
        ? null
        : valueAt(metric, run, sweep.steps - 1, sweep),
    ] as Json[];
  });
  const names =
    'run_id trial trial_key rerun status reason commit cell duration_s queued_at started_at params objective';
  return table(names.split(' '), rows);
}

function totalsTable(sweep: Sweep): Answer {
  const statuses = everyRun(sweep).map(sweep.status);
  const rows = [...new Set(statuses)].sort().map((status) => {
    const runs = statuses.filter((one) => one === status).length;
    return [status, runs, runs * 65, runs * sweep.steps * sweep.metrics.length, 0, 0];
  });
  return table(['status', 'runs', 'seconds', 'points', 'invalid_lines', 'stale'], rows);
}

function metricsTable(sweep: Sweep): Answer {
  const runs = everyRun(sweep).filter((run) => sweep.status(run) !== 'queued').length;
  const names = 'key points runs steps first_step last_step lowest highest nonfinite';
  return table(
    names.split(' '),
    runs === 0
      ? []
      : sweep.metrics.map((metric) => [
          metric,
          runs * sweep.steps,
          runs,
          sweep.steps,
          0,
          sweep.steps - 1,
          0.01,
          2.5,
          0,
        ]),
  );
}

function failuresTable(sweep: Sweep): Answer {
  const failed = everyRun(sweep).filter((run) => sweep.status(run) === 'failed');
  const error = 'RuntimeError: <b>out of memory</b> & "killed"';
  const names = 'status reason runs run_id trial exit_code error';
  return table(
    names.split(' '),
    failed.length === 0
      ? []
      : [['failed', 'oom', failed.length, 'run00028abcdefgh', 'lr=0.1 seed=3', null, error]],
  );
}

function curvesTable(plan: ReturnType<typeof planCurves>[number], sweep: Sweep): Answer {
  const groups = new Map<number, number[]>();
  for (const { run, group } of plan.members) {
    groups.set(group, [...(groups.get(group) ?? []), Number(run.slice(3, 8))]);
  }
  const rows = [...groups].map(([group, members]) => {
    const steps: number[] = [];
    for (let step = plan.bucketSteps - 1; step < sweep.steps; step += plan.bucketSteps)
      steps.push(step);
    const values = steps.map((step) =>
      members.map((run) => valueAt(plan.metric, run, step, sweep)),
    );
    const means = values.map((all) => all.reduce((sum, value) => sum + value, 0) / all.length);
    const sd = values.map((all, i) => {
      const squares = all.reduce((sum, value) => sum + (value - (means[i] ?? 0)) ** 2, 0);
      return all.length < 2 ? null : Math.sqrt(squares / (all.length - 1));
    });
    const lowest = values.map((all) => Math.min(...all));
    const highest = values.map((all) => Math.max(...all));
    return [group, steps, means, sd, lowest, highest, members.length, members.length * sweep.steps];
  });
  return table(['g', 'x', 'mean', 'sd', 'lo', 'hi', 'runs', 'points'], rows);
}

function everyRun({ configurations, seeds }: Sweep): readonly number[] {
  return Array.from({ length: configurations * seeds }, (_, run) => run);
}

function lrOf(run: number, { seeds }: Sweep): number {
  return Number(LRS[Math.floor(run / seeds) % LRS.length]);
}

function hiddenOf(run: number, { seeds }: Sweep): number {
  return 4 * (1 + Math.floor(run / seeds / LRS.length));
}

/** A curve that falls (loss) or rises (accuracy), faster or slower by the parameters, with noise. */
function valueAt(metric: string, run: number, step: number, sweep: Sweep): number {
  const away =
    Math.abs(Math.log10(lrOf(run, sweep)) + 1) + Math.abs(Math.log2(hiddenOf(run, sweep) / 16)) / 4;
  const left = Math.exp(-step / (8 + 12 * away));
  const loss = 0.25 + 0.06 * away + 0.02 * noise(run, step) + 0.02 * noise(run, -1) + 2 * left;
  return metric.includes('accuracy') ? 1 - loss / 2.6 : loss;
}

/** Between 0 and 1, the same for the same two numbers. */
function noise(a: number, b: number): number {
  const x = Math.sin(a * 12.9898 + b * 78.233) * 43_758.5453;
  return x - Math.floor(x);
}
