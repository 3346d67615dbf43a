/** The types of the history's columns in DuckDB: one list for live rows, Parquet files and views. */

import type { RunRow } from './run-row.ts';

/** In the order in which `runs` and `attempts` show them; the last four are read through views of their own. */
const RUN_TYPES: Readonly<Record<keyof RunRow, string>> = {
  run_id: 'VARCHAR',
  experiment: 'VARCHAR',
  trial: 'VARCHAR',
  trial_key: 'VARCHAR',
  code: 'VARCHAR',
  rerun: 'INTEGER',
  attempt: 'INTEGER',
  status: 'VARCHAR',
  reason: 'VARCHAR',
  error: 'VARCHAR',
  exit_code: 'INTEGER',
  signal: 'VARCHAR',
  commit: 'VARCHAR',
  tree: 'VARCHAR',
  branch: 'VARCHAR',
  author: 'VARCHAR',
  user: 'VARCHAR',
  message: 'VARCHAR',
  runner: 'VARCHAR',
  executor: 'VARCHAR',
  host: 'VARCHAR',
  image: 'VARCHAR',
  command: 'VARCHAR[]',
  seed: 'BIGINT',
  cell: 'JSON',
  params: 'JSON',
  metrics: 'MAP(VARCHAR, DOUBLE)',
  objective: 'DOUBLE',
  objective_metric: 'VARCHAR',
  objective_goal: 'VARCHAR',
  objective_of: 'VARCHAR',
  tags: 'MAP(VARCHAR, VARCHAR)',
  summary: 'JSON',
  progress: 'DOUBLE',
  links: 'VARCHAR[]',
  invalid_lines: 'BIGINT',
  points: 'BIGINT',
  queued_at: 'TIMESTAMPTZ',
  started_at: 'TIMESTAMPTZ',
  ended_at: 'TIMESTAMPTZ',
  duration_s: 'DOUBLE',
  stale: 'BOOLEAN',
  param_values: 'STRUCT(key VARCHAR, value VARCHAR, number DOUBLE)[]',
  metric_summaries: `STRUCT(key VARCHAR, last DOUBLE, min DOUBLE, max DOUBLE, best DOUBLE, argbest_step BIGINT,
    first_step BIGINT, last_step BIGINT, count BIGINT, nonfinite BIGINT)[]`,
  artifacts:
    'STRUCT(path VARCHAR, type VARCHAR, name VARCHAR, step BIGINT, sha256 VARCHAR, bytes BIGINT)[]',
  events: 'STRUCT("at" BIGINT, type VARCHAR, status VARCHAR, reason VARCHAR, detail JSON)[]',
};

const NESTED: readonly string[] = ['param_values', 'metric_summaries', 'artifacts', 'events'];

interface Column<Name = string> {
  readonly name: Name;
  readonly type: string;
}

export const RUN_COLUMNS = Object.entries(RUN_TYPES).map(([name, type]) => ({
  name,
  type,
})) as readonly Column<keyof RunRow>[];

/** What people see of a run. */
export const PUBLIC_COLUMNS: readonly Column[] = RUN_COLUMNS.filter(
  ({ name }) => !NESTED.includes(name),
);

/** Points as the metrics files hold them. */
export const POINT_COLUMNS: readonly Column[] = [
  { name: 'run_id', type: 'VARCHAR' },
  { name: 'attempt', type: 'INTEGER' },
  { name: 'experiment', type: 'VARCHAR' },
  { name: 'key', type: 'VARCHAR' },
  { name: 'step', type: 'BIGINT' },
  { name: 't', type: 'TIMESTAMPTZ' },
  { name: 'value', type: 'DOUBLE' },
];

/** `annotations`: nothing writes them yet. */
export const ANNOTATION_COLUMNS: readonly Column[] = [
  { name: 'run_id', type: 'VARCHAR' },
  { name: 'at', type: 'TIMESTAMPTZ' },
  { name: 'author', type: 'VARCHAR' },
  { name: 'kind', type: 'VARCHAR' },
  { name: 'value', type: 'VARCHAR' },
];
