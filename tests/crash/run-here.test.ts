import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, startCli } from '../helpers/cli.ts';
import { linesIn } from '../helpers/daemon.ts';
import { shellExperiment, study } from '../helpers/study.ts';
import { git, temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

interface TriedJson {
  readonly status: string;
  readonly attempt: number;
}

/** Every file of the folder that is not ours, with a digest of its bytes. */
function contents(folder: string, under = ''): Record<string, string> {
  const entries = readdirSync(join(folder, under), { withFileTypes: true });
  return Object.assign(
    {},
    ...entries.map((entry) => {
      const path = join(under, entry.name);
      if (
        path === '.lightex' ||
        path.startsWith('.git/objects') ||
        path.startsWith('.git/refs/lightex')
      )
        return {};
      if (entry.isDirectory()) return contents(folder, path);
      return {
        [path]: createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      };
    }),
  );
}

test('`lightex run` of a dirty tree changes no byte of it, of the index or of a branch, and keeps it as a commit of our own', async () => {
  const { folder } = study();
  writeFiles(folder, {
    'run.sh': 'echo dirty\n',
    'new file.txt': 'not added',
    'staged.txt': 'added',
  });
  git(folder, 'add', 'staged.txt');
  const before = contents(folder);

  const { commit, runs } = await cliJson<{ commit: string; runs: TriedJson[] }>(
    folder,
    'run',
    'probe',
  );

  expect(runs.map(({ status }) => status)).toEqual(Array(4).fill('succeeded'));
  expect(contents(folder)).toEqual(before);
  expect(git(folder, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/lightex')).toBe(
    `refs/lightex/snapshots/${git(folder, 'rev-parse', `${commit}^{tree}`).slice(0, 12)} ${commit}`,
  );
  expect(git(folder, 'show', `${commit}:new file.txt`)).toBe('not added');
  expect(git(folder, 'ls-tree', '-r', '--name-only', commit)).not.toContain('.lightex/');
  expect(git(folder, 'rev-parse', `${commit}^`)).toBe(git(folder, 'rev-parse', 'HEAD'));
});

test('a file that looks like a secret is not committed: the command names it and does nothing', async () => {
  const { folder } = study();
  writeFiles(folder, { '.env': 'TOKEN=1', 'keys/id_rsa': 'x' });

  const end = await cli(folder, 'run', 'probe');

  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr).toContain('.env: 1 problem');
  expect(end.stderr).toContain('keys/id_rsa: 1 problem');
  expect(end.stderr).toContain('.gitignore');
  expect(git(folder, 'for-each-ref', 'refs/lightex')).toBe('');
  expect(await cliJson(folder, 'runs')).toEqual([]);
});

test('a second `lightex run` runs nothing again; a trial that failed is the same run with its next attempt', async () => {
  const outside = temporaryFolder();
  const ledger = join(outside, 'ledger');
  const { folder } = study({
    'run.sh': `echo "$LIGHTEX_RUN_ID $LIGHTEX_ATTEMPT" >> "$LEDGER"; [ "$1" = 1 ] || [ -e "${outside}/mended" ]\n`,
    'experiments/probe.jsonnet': shellExperiment(
      'probe',
      `seeds: [], env: { LEDGER: '${ledger}' }`,
    ),
  });

  const first = await cli(folder, 'run', 'probe');
  const second = await cli(folder, 'run', 'probe');
  writeFiles(outside, { mended: '' });
  const third = await cli(folder, 'run', 'probe');
  const fourth = await cli(folder, 'run', 'probe');

  expect([first, second, third, fourth].map(({ code }) => code)).toEqual([1, 1, 0, 0]);
  const starts = linesIn(ledger).map((line) => line.split(' '));
  const failing = starts.find(([, attempt]) => attempt === '2')?.[0];
  expect(starts.filter(([run]) => run === failing).map(([, attempt]) => attempt)).toEqual([
    '1',
    '2',
    '3',
  ]);
  expect(starts).toHaveLength(4);
  expect(await cliJson(folder, 'runs', '--where', 'attempt = 3')).toMatchObject([
    { run_id: failing, status: 'succeeded' },
  ]);
  expect(await cliJson(folder, 'sql', 'SELECT count(*) AS attempts FROM attempts')).toEqual([
    { attempts: 4 },
  ]);
});

test('-p pins a parameter and -m replaces an axis', async () => {
  const { folder } = study();

  const pinned = await cli(folder, 'run', 'probe', '-p', 'x=7', '-m', 'seed=5,6');

  expect(pinned.code).toBe(0);
  expect(
    (await cliJson<{ trial: string }[]>(folder, 'runs')).map(({ trial }) => trial).sort(),
  ).toEqual(['x=7 seed=5', 'x=7 seed=6']);
  expect(await cliJson(folder, 'sql', `SELECT DISTINCT params.x::INTEGER AS x FROM runs`)).toEqual([
    { x: 7 },
  ]);
});

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.runIf(hasPython)(
  "a user's own script runs in the virtual environment that `link` names, and what it writes is kept by `artifacts`",
  async () => {
    const { folder } = study({
      '.gitignore': '.lightex/\n.venv/\noutputs/\n',
      'train.py': [
        'import os, sys, mypackage',
        'os.makedirs("outputs/deep", exist_ok=True)',
        'open("outputs/deep/model.txt", "w").write(mypackage.NAME)',
        'open("outputs/.hidden", "w").write("x")',
        'print(sys.prefix)',
        '',
      ].join('\n'),
      'experiments/probe.jsonnet': `{ name: 'probe', command: ['.venv/bin/python', 'train.py'], link: ['.venv'], artifacts: ['outputs/**'] }`,
    });
    execFileSync('python3', ['-m', 'venv', '--without-pip', join(folder, '.venv')]);
    const [site = ''] = readdirSync(join(folder, '.venv/lib')).map((name) =>
      join(folder, '.venv/lib', name, 'site-packages'),
    );
    writeFiles(site, { 'mypackage.py': 'NAME = "from the venv"\n' });

    const end = await cli(folder, 'run', 'probe');

    expect(end).toMatchObject({ code: 0 });
    const [run] = await cliJson<{ run_id: string }[]>(folder, 'runs');
    const shown = await cliJson<{ last_output: string[]; artifacts: { path: string }[] }>(
      folder,
      'show',
      run?.run_id ?? '',
    );
    expect(shown.last_output.at(-1)).toContain('.venv');
    expect(shown.artifacts.map(({ path }) => path)).toEqual([
      'outputs/.hidden',
      'outputs/deep/model.txt',
    ]);
    expect(existsSync(join(folder, 'outputs'))).toBe(false);
    expect(statSync(join(folder, '.venv/bin')).isDirectory()).toBe(true);
    expect(await cliJson(folder, 'sql', 'SELECT links FROM runs')).toEqual([{ links: ['.venv'] }]);
  },
);

test('`lightex run` follows runs that a daemon executes, and starts none of them again', async () => {
  const outside = temporaryFolder();
  const [go, ledger] = [join(outside, 'go'), join(outside, 'ledger')];
  const { folder } = study({
    'run.sh': 'echo "$LIGHTEX_RUN_ID" >> "$LEDGER"; while [ ! -e "$GO" ]; do sleep 0.05; done\n',
    'experiments/probe.jsonnet': shellExperiment(
      'probe',
      `seeds: [], env: { GO: '${go}', LEDGER: '${ledger}' }`,
    ),
  });
  const daemon = startCli(folder, ['runner', 'start']);
  await until('the daemon shows its runs as running', async () =>
    (await cliJson<object[]>(folder, 'runs', '--where', "status = 'running'")).length === 2
      ? true
      : undefined,
  );

  const command = startCli(folder, ['run', 'probe', '--json']);
  await until('it says what it follows', () => command.stderr().includes('0 to run') || undefined);
  writeFiles(outside, { go: '' });
  const end = await command.ended;
  daemon.child.kill('SIGTERM');
  await daemon.ended;

  expect(end.code).toBe(0);
  expect(JSON.parse(end.stdout).runs.map(({ status }: TriedJson) => status)).toEqual([
    'succeeded',
    'succeeded',
  ]);
  expect(linesIn(ledger)).toHaveLength(2);
});

test('`lightex run` does not wait for ever for runs of a daemon that is dead', async () => {
  const outside = temporaryFolder();
  const [go, ledger] = [join(outside, 'go'), join(outside, 'ledger')];
  const { folder } = study({
    'run.sh': 'echo "$LIGHTEX_RUN_ID" >> "$LEDGER"; while [ ! -e "$GO" ]; do sleep 0.05; done\n',
    'experiments/probe.jsonnet': shellExperiment(
      'probe',
      `seeds: [], env: { GO: '${go}', LEDGER: '${ledger}' }`,
    ),
  });
  const daemon = startCli(folder, ['runner', 'start']);
  await until('the daemon shows its runs as running', async () =>
    (await cliJson<object[]>(folder, 'runs', '--where', "status = 'running'")).length === 2
      ? true
      : undefined,
  );
  daemon.child.kill('SIGKILL');
  await daemon.ended;
  writeFiles(outside, { go: '' }); // its jobs end

  const live = join(folder, '.lightex/store/live');
  for (const name of readdirSync(live)) {
    const shown = JSON.parse(readFileSync(join(live, name), 'utf8'));
    writeFiles(live, { [name]: JSON.stringify({ ...shown, at: shown.at - 61_000 }) });
  }

  const end = await cli(folder, 'run', 'probe');

  expect(end).toMatchObject({ code: 3, stderr: expect.stringContaining('lightex runner start') });
});
