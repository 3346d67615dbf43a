import { resolve } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import { formatBytes, formatDuration } from '../../model/quantity.ts';
import { type ChildEnd, runLimited } from '../../platform/limited-child.ts';
import type { QueryLimits, QueryResult, RunQuery } from '../../ports/store.ts';
import type { QueryLine, QueryWork } from './query-work.ts';

const MAX_BYTES = 64 * 2 ** 20;
/** A second look at the store answers everything again. */
const MAX_OUTPUT = 2 * MAX_BYTES + 2 ** 20;
/** DuckDB's share of what the process may use: half of it; Node and DuckDB themselves take 120 MB before any query. */
const DUCKDB_SHARE = 0.5;
/** DuckDB works in two threads, so processor time passes up to this much faster than the clock. */
const THREADS = 2;

/** Queries over the store in `folder`, which need not be there yet. Each call is a process of its own. */
export function openRunQuery(folder: string): RunQuery {
  const store = resolve(folder);
  return { query: (statements, limits) => query(store, statements, limits) };
}

/**
 * A statement that kills its process costs only its own answer: those after it get another process, and what is
 * left of the time.
 */
async function query(
  store: string,
  statements: readonly string[],
  limits: QueryLimits,
): Promise<readonly QueryResult[]> {
  const results: QueryResult[] = [];
  const deadline = performance.now() + limits.timeoutMs;
  while (results.length < statements.length) {
    const rest = statements.slice(results.length);
    const timeLeft = deadline - performance.now();
    if (timeLeft <= 0) return [...results, ...rest.map(() => timedOut(limits))];
    const end = await run(store, rest, limits, timeLeft);
    results.push(...answersIn(end));
    if (results.length < statements.length && end.stopped !== 'timeout')
      results.push(died(end, limits));
  }
  return results;
}

function run(
  store: string,
  statements: readonly string[],
  { maxRows, memoryBytes }: QueryLimits,
  timeoutMs: number,
): Promise<ChildEnd> {
  const work: QueryWork = {
    store,
    statements,
    maxRows,
    maxBytes: MAX_BYTES,
    memoryBytes: Math.floor(memoryBytes * DUCKDB_SHARE),
  };
  return runLimited('store/disk/query-child', JSON.stringify(work), {
    memoryBytes,
    cpuSeconds: THREADS * Math.ceil(timeoutMs / 1000) + 1,
    timeoutMs,
    outputBytes: MAX_OUTPUT,
  });
}

/** The answers without a gap, the last word on each. @throws what the child says it failed of */
function answersIn({ stdout }: ChildEnd): readonly QueryResult[] {
  const answers: QueryResult[] = [];
  // What follows the last line end was cut off by a limit.
  for (const text of stdout.split('\n').slice(0, -1)) {
    const line: QueryLine = JSON.parse(text);
    if ('index' in line) answers[line.index] = line.result;
    else throw new LightexError(line.failed.code, line.failed.message, line.failed);
  }
  return answers;
}

function timedOut({ timeoutMs }: QueryLimits): QueryResult {
  const message = `the queries took longer than ${formatDuration(timeoutMs)}`;
  return { error: { code: 'LTX_SQL_LIMIT', message } };
}

/** Why the process ended without an answer: a limit of ours, or a failure that is no query's. */
function died(end: ChildEnd, { memoryBytes }: QueryLimits): QueryResult {
  const outOfMemory = /memory|bad_alloc|allocation/i.test(end.stderr) || end.signal !== null;
  if (end.stopped === 'output' || outOfMemory) {
    const limit =
      end.stopped === 'output'
        ? `gives more than ${formatBytes(MAX_BYTES)}`
        : `needs more than ${formatBytes(memoryBytes)} of memory`;
    return { error: { code: 'LTX_SQL_LIMIT', message: `the query ${limit}` } };
  }
  throw new LightexError(
    'LTX_CHILD_FAILED',
    `the process for queries ended by ${end.signal ?? `exit ${end.code}`}: ${end.stderr.trim()}`,
  );
}
