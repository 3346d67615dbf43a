/** No-op runs through the whole runner, against `xargs -P2` on the same command: `npx tsx bench/runs.ts [runs]`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../src/platform/package-files.ts';

const count = Number(process.argv[2] ?? 500);
const folder = mkdtempSync(join(tmpdir(), 'lightex-bench-'));
const workspace = join(folder, 'study');
const run = (program: string, args: readonly string[], cwd = workspace) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const lightex = (...args: string[]) =>
  run(process.execPath, [packageFile('dist/cli/main.js'), ...args]);

run('git', ['init', '--quiet', '--bare', '--initial-branch=main', 'remote.git'], folder);
run(process.execPath, [packageFile('dist/cli/main.js'), 'init', 'study'], folder);
const noop = {
  name: 'noop',
  params: { i: 0 },
  matrix: { i: Array.from({ length: count }, (_, i) => i) },
  command: ['/bin/true'],
};
writeFileSync(join(workspace, 'experiments/noop.jsonnet'), JSON.stringify(noop));
writeFileSync(
  join(workspace, 'runners/local.jsonnet'),
  `{ name: 'local', max_parallel: 2, capacity: { cpus: 2 }, trust: { branches: ['main'] } }`,
);
for (const name of ['penguins', 'penguins-python'])
  rmSync(join(workspace, `experiments/${name}.jsonnet`));
rmSync(join(workspace, 'reports/penguins.jsonnet'));
run('git', ['add', '--all']);
run('git', [
  '-c',
  'user.name=bench',
  '-c',
  'user.email=bench@localhost',
  'commit',
  '--quiet',
  '-m',
  'no-op',
]);
run('git', ['remote', 'add', 'origin', '../remote.git']);
run('git', ['push', '--quiet', 'origin', 'main']);

const ours = timed(() => lightex('runner', 'start', '--once'));
const rows = JSON.parse(
  lightex(
    'sql',
    "SELECT count(*) AS n, epoch(max(ended_at)) - epoch(min(queued_at)) AS seconds FROM runs WHERE status = 'succeeded'",
    '--json',
  ),
);
const numbers = join(folder, 'numbers');
writeFileSync(numbers, Array.from({ length: count }, (_, i) => `${i}\n`).join(''));
const theirs = timed(() => run('xargs', ['-a', numbers, '-P2', '-n1', '/bin/true']));
rmSync(folder, { recursive: true, force: true });

const perSecond = (seconds: number) => (count / seconds).toFixed(0).padStart(5);
process.stdout.write(
  [
    `${rows[0].n} of ${count} no-op runs succeeded, 2 at a time`,
    `${perSecond(rows[0].seconds)} runs/s  lightex, from queued to the end of the last one (journal, results, SQL)`,
    `${perSecond(ours)} runs/s  lightex runner start --once, whole command (start, clone, plan, report too)`,
    `${perSecond(theirs)} runs/s  xargs -P2, no record of anything: ${(theirs / rows[0].seconds).toFixed(3)} of the time`,
    '',
  ].join('\n'),
);

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}
