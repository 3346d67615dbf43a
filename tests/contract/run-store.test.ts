import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Finisher } from '../../src/store/disk/finisher-client.ts';
import { openRunStore } from '../../src/store/disk/run-store.ts';
import { aRunningRun, aSucceededRun } from '../helpers/builders.ts';
import { ask, finished, NOTHING_READ, presentClock } from '../helpers/store.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { until } from '../helpers/until.ts';
import { runStoreContract } from './run-store.contract.ts';

async function open(folder: string, finisher = new Finisher(), writer = 'lab1') {
  const store = await openRunStore(folder, writer, presentClock, finisher);
  onTestFinished(() => store.close());
  return store;
}

runStoreContract('a folder', () => {
  const folder = join(temporaryFolder(), "it's a store");
  return {
    open: (writer) => open(folder, new Finisher(), writer),
    ask: (sql) => ask(folder, sql),
    bytes: (path) => readFileSync(join(folder, path)),
  };
});

const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);

test('a finisher that is killed in the middle leaves nothing to see, and the work can be repeated', async () => {
  const folder = temporaryFolder();
  const finisher = new Finisher();
  const store = await open(folder, finisher);
  const run = aSucceededRun();
  const records = Array.from({ length: 40_000 }, (_, step) => ({
    step,
    metrics: { loss: Math.random(), acc: Math.random() },
  }));
  await store.log(run, records, NOTHING_READ);

  for (let delay = 0; delay < 300; delay += 60) {
    const files = store.finish([finished(run)]);
    const pid = await until('a finisher', () => finisher.pid);
    setTimeout(() => process.kill(pid, 'SIGKILL'), delay);
    const outcome = await files.then(
      () => 'finished',
      (error: unknown) => error,
    );
    if (outcome !== 'finished')
      expect(outcome).toMatchObject({
        code: 'LTX_STORE_UNAVAILABLE',
        message: expect.stringContaining('SIGKILL'),
      });
    expect(await ask(folder, 'SELECT count(*) FROM runs')).toEqual([[0]]);
    await until('its end', () => finisher.pid === undefined || undefined);
  }
  await store.publish([run], await store.finish([finished(run)]));

  expect(await ask(folder, 'SELECT count(*) FROM metrics')).toEqual([[80_000]]);
});

test('what the finisher cannot do is said with its cause, and costs no other batch', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  const broken = { file: folder, path: 'a-folder-is-no-file' };

  await expect(
    store.finish([finished(aSucceededRun(), { artifactFiles: [broken] })]),
  ).rejects.toMatchObject({
    code: 'LTX_STORE_UNAVAILABLE',
    message: expect.stringContaining('EISDIR'),
  });
  const files = await store.finish([finished(aSucceededRun())]);

  expect(files).toHaveLength(1);
});

test('a batch of runs makes one file of rows, and one of points for each experiment', async () => {
  const store = await open(temporaryFolder());
  const runs = ['a', 'b', 'c', 'd'].map((letter, index) =>
    aSucceededRun({ id: letter.repeat(16), trial: { experiment: index < 2 ? 'one' : 'two' } }),
  );
  for (const run of runs.slice(0, 3))
    await store.log(run, [{ metrics: { loss: 1 } }], NOTHING_READ);

  const files = await store.finish(runs.map((run) => finished(run)));

  expect(files.map((file) => file.replace(/[^/]+\.parquet$/, '*'))).toEqual([
    'runs/*',
    'metrics/one/*',
    'metrics/two/*',
  ]);
});

test('a log outlives its publication by a moment, for those who read it, and is gone after the process; nothing temporary is left', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  const run = aSucceededRun();
  await store.log(run, [{ metrics: { loss: 1 } }], NOTHING_READ);

  await store.publish([run], await store.finish([finished(run)]));
  expect(existsSync(join(folder, 'wal', run.id))).toBe(true);
  await store.close();

  expect(existsSync(join(folder, 'wal', run.id))).toBe(false);
  expect(filesUnder(folder).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('lines that no mark follows are read again, not twice', async () => {
  const folder = temporaryFolder();
  const run = aRunningRun();
  const wal = join(folder, 'wal', run.id, '1.jsonl');
  const first = await open(folder);
  await first.log(run, [{ metrics: { loss: 1 } }], NOTHING_READ);
  appendFileSync(wal, '{"t":5,"step":1,"m":{"loss":2}}\n{"t":5,"st');

  const second = await open(folder);
  await second.logState(run);
  await second.log(run, [{ metrics: { loss: 2 } }], NOTHING_READ);
  await second.publish([run], await second.finish([finished(aSucceededRun())]));

  expect(await ask(folder, 'SELECT step, value FROM metrics ORDER BY step')).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('a place that is no folder is an error that names it', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { wal: 'not a folder', 'a-file': '' });
  const store = await open(folder);

  await expect(store.log(aRunningRun(), [], NOTHING_READ)).rejects.toMatchObject({
    code: 'LTX_STORE_UNAVAILABLE',
    message: expect.stringContaining(join(folder, 'wal')),
  });
  await expect(open(join(folder, 'a-file'))).rejects.toMatchObject({
    code: 'LTX_STORE_UNAVAILABLE',
    message: expect.stringContaining(join(folder, 'a-file')),
  });
});
