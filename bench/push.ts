/** From `git push` to the first process, against the interval of polling: `npx tsx bench/push.ts`. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { packageFile } from '../src/platform/package-files.ts';

const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'lightex-bench-'));
const workspace = join(folder, 'study');
const started = join(folder, 'started');
const git = (...args: string[]) => execFileSync('git', args, { cwd: workspace, stdio: 'ignore' });
const main = packageFile('dist/cli/main.js');

mkdirSync(join(workspace, 'experiments'), { recursive: true });
mkdirSync(join(workspace, 'runners'));
execFileSync('git', [
  'init',
  '--quiet',
  '--bare',
  '--initial-branch=main',
  join(folder, 'remote.git'),
]);
git('init', '--quiet', '--initial-branch=main');
git('remote', 'add', 'origin', join(folder, 'remote.git'));
writeFileSync(join(workspace, '.gitignore'), '.lightex/\n');
writeFileSync(
  join(workspace, 'runners/local.jsonnet'),
  `{ name: 'local', watch: { poll: '1h' }, trust: { branches: ['main'] } }`,
);
push(0);
const daemon: ChildProcess = spawn(process.execPath, [main, 'runner', 'start'], {
  cwd: workspace,
  stdio: 'ignore',
});
await seen(0);
const times: number[] = [];
for (let round = 1; round <= ROUNDS; round += 1) {
  const from = Date.now();
  push(round);
  times.push((await seen(round)) - from);
}
daemon.kill('SIGTERM');
await new Promise((resolve) => daemon.once('exit', resolve));
rmSync(folder, { recursive: true, force: true });
times.sort((a, b) => a - b);
process.stdout.write(
  `push to first process, woken by the remote's refs: median ${times[Math.floor(ROUNDS / 2)]} ms, worst ${times.at(-1)} ms (the commit and the push itself included); by polling alone the interval, 15 s by default, comes on top\n`,
);

/** Commits and pushes a trial that notes when it began. */
function push(round: number): void {
  const script = `date +%s%3N > ${started}.${round}`;
  writeFileSync(
    join(workspace, 'experiments/now.json'),
    JSON.stringify({ name: 'now', params: { round }, command: ['/bin/sh', '-c', script] }),
  );
  git('add', '--all');
  git(
    '-c',
    'user.name=bench',
    '-c',
    'user.email=bench@localhost',
    'commit',
    '--quiet',
    '-m',
    `round ${round}`,
  );
  git('push', '--quiet', 'origin', 'main');
}

async function seen(round: number): Promise<number> {
  for (let look = 0; look < 3_000; look += 1) {
    try {
      const text = readFileSync(`${started}.${round}`, 'utf8');
      if (text.endsWith('\n')) return Number(text);
    } catch {
      // not yet
    }
    await wait(10);
  }
  throw new Error(`round ${round} did not start in 30 s`);
}
