/** Commands that people wait for, against the least that they must do: `npx tsx bench/start-up.ts`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../src/platform/package-files.ts';

const ROUNDS = 7;
const folder = mkdtempSync(join(tmpdir(), 'lightex-bench-'));
const run = (args: readonly string[]) =>
  execFileSync(process.execPath, args, { cwd: folder, stdio: 'ignore' });
const lightex = (...args: string[]) => run([packageFile('dist/cli/main.js'), ...args]);
const duckdb = `
  const { DuckDBInstance } = await import(${JSON.stringify(packageFile('node_modules/@duckdb/node-api/lib/index.js'))});
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  console.log(await (await connection.run('SELECT 1')).getRows());`;

lightex('init');
lightex('sql', 'SELECT 1');
compare(
  'lightex --help',
  () => lightex('--help'),
  'node -e 0',
  () => run(['-e', '0']),
);
compare(
  "lightex sql 'SELECT 1'",
  () => lightex('sql', 'SELECT 1'),
  'node and DuckDB, SELECT 1',
  () => run(['--input-type=module', '-e', duckdb]),
);
rmSync(folder, { recursive: true, force: true });

/** Medians of alternating rounds, so that both sides see the same machine. */
function compare(name: string, ours: () => unknown, peer: string, theirs: () => unknown): void {
  const times = Array.from({ length: ROUNDS }, () => [timed(ours), timed(theirs)] as const);
  const [a, b] = [median(times.map(([one]) => one)), median(times.map(([, other]) => other))];
  process.stdout.write(
    `${name}: ${a.toFixed(0)} ms; ${peer}: ${b.toFixed(0)} ms; ratio ${(a / b).toFixed(2)}\n`,
  );
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
