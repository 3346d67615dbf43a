import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cliJson, startCli } from '../helpers/cli.ts';
import { linesIn, namesIn, onceToEnd } from '../helpers/daemon.ts';
import { jobsOf } from '../helpers/processes.ts';
import { shellExperiment, study } from '../helpers/study.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';

/** Runs that log a point, note their start, and go on until the file `$GO` is there. */
const WAITING_SCRIPT = `echo "start $LIGHTEX_RUN_ID $LIGHTEX_ATTEMPT" >> "$LEDGER"
echo '{"metrics":{"score":1},"step":1}' >> "$LIGHTEX_LOG"
while [ ! -e "$GO" ]; do sleep 0.05; done
`;

function waitingStudy(more = '') {
  const outside = temporaryFolder();
  const [go, ledger] = [join(outside, 'go'), join(outside, 'ledger')];
  const { folder } = study({
    'run.sh': WAITING_SCRIPT,
    'experiments/probe.jsonnet': shellExperiment(
      'probe',
      `env: { GO: '${go}', LEDGER: '${ledger}' }, seeds: [] ${more}`,
    ),
  });
  return { folder, ledger, letGo: () => writeFiles(outside, { go: '' }) };
}

const statuses = (folder: string) =>
  cliJson<{ status: string; runs: number }[]>(
    folder,
    'sql',
    'SELECT status, count(*) AS runs FROM runs GROUP BY status ORDER BY status',
  );
const begun = (ledger: string, runs: number) => () => linesIn(ledger).length >= runs || undefined;
const cliWriters = (folder: string) =>
  namesIn(join(folder, '.lightex/runners')).filter((name) => name.startsWith('cli-'));

test('TERM ends a daemon at once with 0; its runs go on, and the next start takes them up', async () => {
  const { folder, ledger, letGo } = waitingStudy();
  const daemon = startCli(folder, ['runner', 'start']);
  await until('two runs have begun', begun(ledger, 2));
  await until('they are shown as running', async () =>
    (await statuses(folder))[0]?.status === 'running' ? true : undefined,
  );

  daemon.child.kill('SIGTERM');
  const end = await daemon.ended;
  expect(end.code).toBe(0);
  expect(jobsOf(folder).length).toBeGreaterThanOrEqual(2);
  letGo();
  await onceToEnd(folder);

  expect(await statuses(folder)).toEqual([{ status: 'succeeded', runs: 2 }]);
  expect(linesIn(ledger)).toHaveLength(2);
  expect(jobsOf(folder)).toEqual([]);
});

test('a second INT within five seconds cancels all runs of a daemon and waits for them', async () => {
  const { folder, ledger } = waitingStudy();
  const daemon = startCli(folder, ['runner', 'start']);
  await until('two runs have begun', begun(ledger, 2));
  await until('they are shown as running', async () =>
    (await statuses(folder))[0]?.status === 'running' ? true : undefined,
  );

  daemon.child.kill('SIGINT');
  await until(
    'it says that the runs go on',
    () => daemon.stderr().includes('2 runs go on, and the next start takes them up') || undefined,
  );
  daemon.child.kill('SIGINT');
  const end = await daemon.ended;

  expect(end.code).toBe(0);
  expect(end.stderr).toContain('cancelling the runs');
  expect(await statuses(folder)).toEqual([{ status: 'cancelled', runs: 2 }]);
  expect(jobsOf(folder)).toEqual([]);
});

test('INT cancels the runs of `lightex run`, those that wait too, and it ends with 130', async () => {
  const { folder, ledger } = waitingStudy(', matrix: { x: [1, 2, 3, 4] }');
  const command = startCli(folder, ['run', 'probe']);
  await until('two runs have begun', begun(ledger, 2));

  command.child.kill('SIGINT');
  const end = await command.ended;

  expect(end.code).toBe(130);
  expect(await statuses(folder)).toEqual([{ status: 'cancelled', runs: 4 }]);
  expect(linesIn(ledger)).toHaveLength(2);
  expect(jobsOf(folder)).toEqual([]);
});

test.each([
  ['runner', 'start', '--once'],
  ['run', 'probe'],
  ['run', 'other'],
])(
  'what a killed `lightex run` left is taken over and finished by: lightex %s %s',
  async (...verb) => {
    const { folder, ledger, letGo } = waitingStudy(', matrix: { x: [1, 2, 3, 4] }');
    writeFiles(folder, {
      'experiments/other.jsonnet': `{ name: 'other', command: ['true'], on: {} }`,
    });
    const command = startCli(folder, ['run', 'probe']);
    await until('two runs have begun', begun(ledger, 2));

    command.child.kill('SIGKILL');
    await command.ended;
    const [killed] = cliWriters(folder);
    const next = startCli(
      folder,
      verb.filter((word) => word !== undefined),
    );
    await until('it goes on with them', () => next.stderr().includes('goes on with') || undefined);
    letGo();
    const end = await next.ended;

    expect(end).toMatchObject({ code: 0 });
    const counts = await cliJson(
      folder,
      'sql',
      `SELECT count(*) AS runs, count(*) FILTER (status = 'succeeded') AS good, max(attempt) AS attempts FROM runs WHERE experiment = 'probe'`,
    );
    expect(counts).toEqual([{ runs: 4, good: 4, attempts: 1 }]);
    expect(linesIn(ledger)).toHaveLength(4);
    expect(cliWriters(folder)).not.toContain(killed);
    expect(jobsOf(folder)).toEqual([]);
  },
);

test('several commands that find a killed `lightex run` at once finish its runs once, and none of them fails', async () => {
  const { folder, ledger, letGo } = waitingStudy();
  const command = startCli(folder, ['run', 'probe']);
  await until('two runs have begun', begun(ledger, 2));
  command.child.kill('SIGKILL');
  await command.ended;
  const [killed] = cliWriters(folder);
  letGo();

  const ends = await Promise.all([1, 2, 3].map(() => startCli(folder, ['run', 'probe']).ended));

  expect(ends.map(({ code, stderr }) => [code, code === 0 ? '' : stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
  expect(await statuses(folder)).toEqual([{ status: 'succeeded', runs: 2 }]);
  expect(linesIn(ledger)).toHaveLength(2);
  expect(cliWriters(folder)).not.toContain(killed);
});
