import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, cliJson, startCli } from '../helpers/cli.ts';
import { shellExperiment, study } from '../helpers/study.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

interface RunJson {
  readonly run_id: string;
  readonly status: string;
  readonly trial: string;
}

/** A study whose runs print lines until a file appears, and that file. */
function waiting(more = '') {
  const go = join(temporaryFolder(), 'go');
  const { folder } = study({
    'experiments/probe.jsonnet': shellExperiment('probe', `env: { GO: '${go}' }, ${more}`),
    'run.sh':
      'i=0; while [ ! -e "$GO" ]; do i=$((i+1)); echo "line $i"; sleep 0.05; done; echo over\n',
  });
  return { folder, letGo: () => writeFiles(join(go, '..'), { go: '' }) };
}

const running = (folder: string) =>
  until('something runs', async () => {
    const rows = (await cliJson<RunJson[]>(folder, 'ps')).filter(
      ({ status }) => status === 'running',
    );
    return rows.length > 0 ? rows : undefined;
  });
const statuses = async (folder: string) => {
  const rows = await cliJson<RunJson[]>(folder, 'runs');
  return rows.map(({ trial, status }) => `${trial} ${status}`);
};

test('logs -f shows what a run prints until it ends, and logs the same from the history', async () => {
  const { folder, letGo } = waiting('matrix: {}, seeds: []');
  const runner = startCli(folder, ['runner', 'start', '--once']);
  const [row] = await running(folder);
  const id = row?.run_id ?? '';
  const following = startCli(folder, ['logs', id, '-f']);
  await until('a line', async () =>
    (await cli(folder, 'logs', id)).stdout.includes('line 3') ? true : undefined,
  );

  letGo();
  const { stdout, code } = await following.ended;
  await runner.ended;

  expect(code).toBe(0);
  expect(stdout).toMatch(/^line 1\nline 2\n(?:.*\n)*over\n$/);
  expect((await cli(folder, 'logs', id)).stdout).toBe(stdout);
});

test('cancel ends what runs and takes back what waits; the others go on', async () => {
  const { folder, letGo } = waiting('matrix: { x: [1, 2, 3] }, seeds: []');
  const runner = startCli(folder, ['runner', 'start', '--once']);
  const rows = await until('two run, one waits', async () => {
    const all = await cliJson<RunJson[]>(folder, 'ps');
    return all.filter(({ status }) => status === 'running').length === 2 ? all : undefined;
  });
  const idOf = (trial: string) => rows.find((row) => row.trial === trial)?.run_id ?? '';

  expect(await cli(folder, 'cancel', idOf('x=1'))).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('asked to cancel 1 run'),
  });
  await cli(folder, 'cancel', idOf('x=3'));
  await until('both are cancelled', async () =>
    (await statuses(folder)).filter((one) => one.endsWith('cancelled')).length === 2
      ? true
      : undefined,
  );
  letGo();

  expect((await runner.ended).code).toBe(1);
  expect(await statuses(folder)).toEqual(['x=1 cancelled', 'x=2 succeeded', 'x=3 cancelled']);
  expect(await cli(folder, 'cancel', 'probe')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing of "probe" runs or waits'),
  });
});

test('wake makes a daemon look at once, however long its interval is', async () => {
  const { folder, push } = study({
    'runners/local.jsonnet': `{ name: 'local', watch: { poll: '1h' }, trust: { branches: ['main'] } }`,
  });
  const daemon = startCli(folder, ['runner', 'start']);
  await until('the first push ran', async () =>
    (await statuses(folder)).filter((one) => one.endsWith('succeeded')).length === 4
      ? true
      : undefined,
  );

  push({ 'experiments/probe.jsonnet': shellExperiment('probe', 'matrix: { x: [7] }, seeds: []') });
  await cli(folder, 'runner', 'wake');
  await until('the second push ran', async () =>
    (await statuses(folder)).includes('x=7 succeeded') ? true : undefined,
  );
  daemon.child.kill('SIGTERM');

  expect((await daemon.ended).code).toBe(0);
});

test('best ranks configurations over seeds, and diff tells two runs apart', async () => {
  const { folder } = study();
  await cli(folder, 'runner', 'start', '--once');

  const best = await cliJson<
    { configuration: string; mean: number; sd: number; n: number; best_run: string }[]
  >(folder, 'best', 'probe');
  const [a, b] = (await cliJson<RunJson[]>(folder, 'runs')).map(({ run_id }) => run_id);
  const diff = await cliJson<{ params: object[]; results: { key: string }[] }>(
    folder,
    'diff',
    a ?? '',
    b ?? '',
  );

  expect(best).toMatchObject([
    { configuration: 'x=2', mean: 23.5, n: 2 },
    { configuration: 'x=1', mean: 13.5, n: 2 },
  ]);
  expect(diff.params).toEqual([{ key: 'seed', a: 0, b: 1 }]);
  expect(diff.results.map(({ key }) => key)).toContain('score');
  expect((await cli(folder, 'diff', a ?? '', b ?? '')).stdout).toContain('seed');
});

test('run executes the working directory without a commit, a remote or a daemon, and reuses what succeeded', async () => {
  const { folder } = study();
  writeFiles(folder, {
    'run.sh':
      'echo "{\\"metrics\\":{\\"score\\":$1}}" >> "$LIGHTEX_LOG"; [ "$1" != 2 ] || [ -e "$LIGHTEX_CHECKPOINTS/tried" ] || { touch "$LIGHTEX_CHECKPOINTS/tried"; exit 1; }\n',
  });

  const first = await cli(folder, 'run', 'probe', '-m', 'x=1,2');
  const second = await cliJson<{ runs: { attempt: number; status: string }[] }>(
    folder,
    'run',
    'probe',
    '-m',
    'x=1,2',
  );

  expect(first).toMatchObject({ code: 1, stdout: expect.stringMatching(/succeeded\s+2/) });
  expect(
    second.runs.map(({ attempt, status }) => `${status} at attempt ${attempt}`).sort(),
  ).toEqual([
    'succeeded at attempt 1',
    'succeeded at attempt 1',
    'succeeded at attempt 2',
    'succeeded at attempt 2',
  ]);
});
