import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cli, cliJson, startCli } from '../helpers/cli.ts';
import { RUNNER, shellExperiment, study } from '../helpers/study.ts';
import { git, temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

interface RunJson {
  readonly run_id: string;
  readonly trial: string;
  readonly status: string;
  readonly reason: string | null;
  readonly error: string | null;
  readonly objective: number | null;
}

const once = (folder: string) => cli(folder, 'runner', 'start', '--once');
const runs = (folder: string, ...args: string[]) => cliJson<RunJson[]>(folder, 'runs', ...args);

describe('from a push to a report', () => {
  test('a push runs the matrix, and everything that was logged can be asked for', async () => {
    const { folder } = study();

    const end = await once(folder);

    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(end.stderr).toContain('4/4 runs');
    expect(
      (await runs(folder)).map(({ trial, status, objective }) => [trial, status, objective]),
    ).toEqual([
      ['x=1 seed=0', 'succeeded', 13],
      ['x=1 seed=1', 'succeeded', 14],
      ['x=2 seed=0', 'succeeded', 23],
      ['x=2 seed=1', 'succeeded', 24],
    ]);
    const [sums] = await cliJson<object[]>(
      folder,
      'sql',
      `SELECT count(*) AS points, sum(value) AS total, count(DISTINCT step) AS steps FROM metrics`,
    );
    expect(sums).toEqual({ points: 12, total: 210, steps: 3 });
    expect(
      await cliJson(
        folder,
        'sql',
        `SELECT DISTINCT tags['from'] AS tag, runner LIKE 'local-%' AS here FROM runs`,
      ),
    ).toEqual([{ tag: 'output', here: true }]);
    const html = readFileSync(join(folder, '.lightex/site/probe.html'), 'utf8');
    expect(html).toContain('<svg');
    expect(html).toContain(git(folder, 'rev-parse', '--short=7', 'HEAD'));
  });

  test('a run is shown whole: parameters, metrics, files, last output', async () => {
    const { folder } = study();
    await once(folder);
    const [first] = await runs(folder);

    const shown = await cliJson<Record<string, unknown>>(
      folder,
      'show',
      first?.run_id.slice(0, 8) ?? '',
    );

    expect(shown).toMatchObject({
      run_id: first?.run_id,
      params: { x: 1, seed: 0 },
      last_output: ['::lightex {"tags": {"from": "output"}}', 'x=1 seed=0'],
      artifacts: [{ path: 'result.txt', bytes: 5 }],
      metrics_summary: [{ key: 'score', last: 13, min: 11, max: 13, count: 3 }],
    });
    const text = (await cli(folder, 'show', first?.run_id ?? '')).stdout;
    expect(text).toContain('score');
    expect(text).toContain('result.txt');
  });

  test('a commit of the README, of a comment, or of another experiment runs nothing again; a changed script runs all', async () => {
    const { folder, push } = study();
    await once(folder);
    const experiment = shellExperiment('probe');

    push({ 'README.md': '# Probe\n' });
    expect((await once(folder)).stderr).toContain('0 to run, 4 tried before');
    push({
      'experiments/probe.jsonnet': `// a comment\n${experiment.replace('params', "description: 'new', params")}`,
    });
    expect((await once(folder)).stderr).toContain('0 to run, 4 tried before');
    push({ 'run.sh': `${readFileSync(join(folder, 'run.sh'), 'utf8')}\n# changed\n` });
    expect((await once(folder)).stderr).toContain('4 to run');
    push({ 'experiments/probe.jsonnet': experiment.replace('x: [1, 2]', 'x: [1, 2, 3]') });
    expect((await once(folder)).stderr).toContain('2 to run, 4 tried before');
    expect(await runs(folder)).toHaveLength(10);
  });

  test('plan says what a push would start, and knows what was tried, before anything is committed', async () => {
    const { folder } = study();
    await once(folder);
    writeFiles(folder, {
      'experiments/probe.jsonnet': shellExperiment('probe').replace('[1, 2]', '[2, 3]'),
    });

    const { commit, trials } = await cliJson<{
      commit: string | null;
      trials: { label: string; state: string }[];
    }>(folder, 'plan', 'probe');

    expect(commit).toBeNull();
    expect(trials.map(({ label, state }) => [label, state])).toEqual([
      ['x=2 seed=0', 'reused'],
      ['x=2 seed=1', 'reused'],
      ['x=3 seed=0', 'new'],
      ['x=3 seed=1', 'new'],
    ]);
  });

  test('runs that fail end as failed, say why, and make the command end with 1; they are not started again by a push', async () => {
    const { folder, push } = study({ 'run.sh': 'echo "no luck with $1" >&2; exit $1\n' });

    const end = await once(folder);

    expect(end.code).toBe(1);
    expect(
      (await runs(folder, '--where', "status = 'failed'")).map(({ trial, reason, error }) => [
        trial,
        reason,
        error,
      ]),
    ).toEqual([
      ['x=1 seed=0', 'exit', 'exit code 1: no luck with 1'],
      ['x=1 seed=1', 'exit', 'exit code 1: no luck with 1'],
      ['x=2 seed=0', 'exit', 'exit code 2: no luck with 2'],
      ['x=2 seed=1', 'exit', 'exit code 2: no luck with 2'],
    ]);
    expect(readFileSync(join(folder, '.lightex/site/probe.html'), 'utf8')).toContain(
      'no luck with 2',
    );
    push({ 'README.md': 'x' });
    expect(await once(folder)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('0 to run, 4 tried before'),
    });
  });

  test('an experiment that cannot be planned says where it is wrong, and the others run', async () => {
    const { folder } = study({
      'experiments/broken.jsonnet': '{ name: "broken", comand: ["true"] }',
      'experiments/torn.jsonnet': '{ name: "torn", ',
    });

    const end = await once(folder);

    expect(end.stderr).toMatch(/experiments\/broken\.jsonnet: \d problems?/);
    expect(end.stderr).toContain('Did you mean "command"?');
    expect(end.stderr).toContain('experiments/torn.jsonnet');
    expect(await runs(folder)).toHaveLength(4);
  });

  test('a broken lightex.jsonnet stops its commit, is told by each start, and the commit that mends it runs', async () => {
    const { folder, push } = study({ 'lightex.jsonnet': '{ limit: {} }' });
    writeFiles(folder, { 'lightex.jsonnet': '{}' });

    const [first, second] = [await once(folder), await once(folder)];
    push({});
    const mended = await once(folder);

    for (const end of [first, second]) {
      expect(end).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('Did you mean "limits"?'),
      });
    }
    expect(mended).toMatchObject({ code: 0, stderr: expect.stringContaining('4 to run') });
  });

  test('a push that changes only a report builds it anew from the runs that are there', async () => {
    const report = (title: string) =>
      `{ title: '${title}', layout: [{ block: 'table', title: 'Rows', sql: 'SELECT count(*) AS n FROM chosen' }] }`;
    const { folder, push } = study({
      'experiments/probe.jsonnet': shellExperiment('probe', `report: 'mine'`),
      'reports/mine.jsonnet': report('Before'),
    });
    await once(folder);
    const page = () => readFileSync(join(folder, '.lightex/site/probe.html'), 'utf8');
    expect(page()).toContain('Before');

    push({ 'reports/mine.jsonnet': report('After') });
    await once(folder);

    expect(page()).toContain('<h1>After</h1>');
  });

  test('after a revert, the report and best show the numbers of the code that is there', async () => {
    const { folder, push } = study();
    const script = readFileSync(join(folder, 'run.sh'), 'utf8');
    await once(folder);
    push({ 'run.sh': script.replace('$1 * 10', '$1 * 1000') });
    await once(folder);
    const bestMean = async () =>
      (await cliJson<{ mean: number }[]>(folder, 'best', 'probe'))[0]?.mean;
    expect(await bestMean()).toBe(2003.5);

    push({ 'run.sh': script });
    await once(folder);

    expect(await bestMean()).toBe(23.5);
    await cli(folder, 'report', 'probe');
    const html = readFileSync(join(folder, '.lightex/site/probe.html'), 'utf8');
    expect(html).toContain('4 runs of other code left out');
    expect(html).not.toContain('2004');
  });

  test('a report with a part that cannot be made is built, says which, and ends with 2', async () => {
    const { folder } = study({
      'experiments/probe.jsonnet': shellExperiment('probe', `report: 'mine'`),
      'reports/mine.jsonnet': `{ title: 'Mine', layout: [{ block: 'table', title: 'Rows', sql: 'DROP TABLE runs' }] }`,
    });
    await once(folder);

    expect(await cli(folder, 'report', 'probe')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Block 1 (table): LTX_SQL_REFUSED'),
    });
  });

  test('what a runner does not trust or cannot serve stays, and it says why', async () => {
    const { folder, push } = study({
      'experiments/probe.jsonnet': shellExperiment('probe', `runs_on: ['gpu']`),
      'experiments/large.jsonnet': shellExperiment('large', `resources: { cpus: 64 }`),
    });
    git(folder, 'checkout', '--quiet', '-b', 'fork');
    push({ 'experiments/other.jsonnet': shellExperiment('other') });

    const end = await once(folder);

    expect(end.code).toBe(0);
    expect(end.stderr).toContain('branch fork is not trusted');
    expect(end.stderr).toContain('4 of probe wait: runner local lacks gpu');
    expect(end.stderr).toContain('4 of large wait: runner local has only 2 of 64 cpus');
    expect(await cliJson<object[]>(folder, 'ps')).toHaveLength(8);
  });

  test('the timeout of a run ends it', async () => {
    const { folder } = study({
      'experiments/probe.jsonnet': shellExperiment(
        'probe',
        `timeout: '300ms', matrix: {}, seeds: []`,
      ),
      'run.sh': 'echo begun; sleep 60\n',
    });

    await once(folder);

    expect((await runs(folder)).map(({ status, reason }) => [status, reason])).toEqual([
      ['timed_out', 'timeout'],
    ]);
  });
});

describe('a daemon', () => {
  test('sees a push, shows runs while they run, and is the only one of its workspace', async () => {
    const { folder, push } = study({
      'run.sh':
        'echo "{\\"metrics\\":{\\"score\\":5}}" >> "$LIGHTEX_LOG"; while [ ! -e "$GO" ]; do sleep 0.05; done\n',
    });
    const go = join(temporaryFolder(), 'go');
    push({
      'experiments/probe.jsonnet': shellExperiment(
        'probe',
        `env: { GO: '${go}' }, matrix: {}, seeds: []`,
      ),
    });
    const daemon = startCli(folder, ['runner', 'start']);

    const [row] = await until('the run is shown as running, with its metric', async () => {
      const rows = await cliJson<object[]>(
        folder,
        'sql',
        `SELECT status, metrics['score'] AS score FROM runs WHERE status = 'running' AND metrics['score'] = 5`,
      );
      return rows.length === 1 ? rows : undefined;
    });
    expect(row).toEqual({ status: 'running', score: 5 });
    expect(await cli(folder, 'runner', 'start', '--once')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(String(daemon.child.pid)),
    });
    writeFiles(join(go, '..'), { go: '' });
    await until('it succeeded', async () =>
      (await runs(folder))[0]?.status === 'succeeded' ? true : undefined,
    );
    daemon.child.kill('SIGTERM');

    expect((await daemon.ended).code).toBe(0);
  });

  test('INT leaves its runs running; the next start adopts them and reads on', async () => {
    const go = join(temporaryFolder(), 'go');
    const { folder } = study({
      'run.sh':
        'i=0; while [ ! -e "$GO" ]; do i=$((i+1)); echo "{\\"metrics\\":{\\"i\\":$i}}" >> "$LIGHTEX_LOG"; sleep 0.05; done\n',
      'experiments/probe.jsonnet': shellExperiment(
        'probe',
        `env: { GO: '${go}' }, matrix: {}, seeds: []`,
      ),
    });
    const daemon = startCli(folder, ['runner', 'start']);
    await until('it runs', async () =>
      (await runs(folder))[0]?.status === 'running' ? true : undefined,
    );
    daemon.child.kill('SIGINT');
    expect((await daemon.ended).code).toBe(0);

    const second = startCli(folder, ['runner', 'start', '--once']);
    await until('it is adopted', () => second.stderr().includes('goes on with') || undefined);
    writeFiles(join(go, '..'), { go: '' });
    expect((await second.ended).code).toBe(0);

    const [counts] = await cliJson<{ points: number; last: number; attempts: number }[]>(
      folder,
      'sql',
      `SELECT count(*) AS points, max(value) AS last, (SELECT count(*) FROM attempts) AS attempts FROM metrics WHERE key = 'i'`,
    );
    expect(counts).toMatchObject({ points: counts?.last, attempts: 1 });
  });
});

test('init makes a workspace that is valid, keeps what is there, and trusts the branch that is checked out', async () => {
  const folder = temporaryFolder();
  git(folder, 'init', '--quiet', '--initial-branch=trunk');
  writeFiles(folder, { 'lightex.jsonnet': '{ limits: { trials: 100 } }' });

  const { kept, branch } = await cliJson<{ kept: string[]; branch: string }>(folder, 'init');

  expect({ kept, branch }).toEqual({ kept: ['lightex.jsonnet'], branch: 'trunk' });
  expect(readFileSync(join(folder, 'runners/local.jsonnet'), 'utf8')).toContain(
    "branches: ['trunk']",
  );
  expect(await cli(folder, 'check')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('penguins: 72 trials'),
  });
  expect(git(folder, 'status', '--porcelain')).not.toContain('.lightex');
  expect(existsSync(join(folder, '.lightex'))).toBe(true);
});

test('a workspace in a sub-folder of a repository runs as if it were its root', async () => {
  const { folder, push } = study();
  const inside = {
    'lightex.jsonnet': '{}',
    'runners/local.jsonnet': RUNNER,
    'experiments/inner.jsonnet': shellExperiment('inner'),
    'run.sh': 'true\n',
  };
  push(
    Object.fromEntries(Object.entries(inside).map(([path, text]) => [`deep/study/${path}`, text])),
  );

  const end = await once(join(folder, 'deep/study'));

  expect(end.stderr).toContain('inner at');
  expect(end.stderr).not.toContain('probe');
  expect(readdirSync(join(folder, 'deep/study/.lightex'))).toContain('store');
  expect(await runs(join(folder, 'deep/study'))).toHaveLength(4);
});

test.each([
  [['plan', 'nothing'], 2, 'there is no experiment "nothing"'],
  [['show', 'zzz'], 2, `no run's id begins with "zzz"`],
  [['sql', 'DROP TABLE runs'], 2, 'LTX_SQL_REFUSED'],
  [['sql', 'SELECT * FROM nowhere'], 2, 'LTX_SQL_FAILED'],
  [['sql', 'SELECT 1', '--format', 'xml'], 2, '"xml" is not a format'],
  [['runner', 'stop'], 2, '"stop" is nothing that a runner does'],
  [['nonsense'], 2, "unknown command 'nonsense'"],
  [['plan', 'probe', '-p', 'lr=1'], 2, 'lr'],
  [['check', 'README.md'], 2, 'README.md is not a file that lightex reads'],
])('lightex %j ends with %d and says: %s', async (args, code, text) => {
  const { folder } = study();

  expect(await cli(folder, ...args)).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringContaining(text),
  });
});

test('outside of any workspace the next step is named', async () => {
  expect(await cli(temporaryFolder(), 'runs')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('lightex init'),
  });
});
