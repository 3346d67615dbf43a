import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openRunQuery } from '../../src/store/disk/query.ts';
import { openRunStore } from '../../src/store/disk/run-store.ts';
import { aRunningRun, aSucceededRun } from '../helpers/builders.ts';
import { finished, LIMITS, NOTHING_READ, presentClock, rowsOf } from '../helpers/store.ts';
import { temporaryFolder, writeFiles } from '../helpers/temporary.ts';
import { runQueryContract } from './run-query.contract.ts';

async function open(folder: string, clock = presentClock) {
  const store = await openRunStore(folder, 'lab1', clock);
  onTestFinished(() => store.close());
  return store;
}

runQueryContract('a folder', () => {
  const folder = join(temporaryFolder(), 'store');
  return { folder, open: () => open(folder), query: openRunQuery(folder) };
});

test('a writer that was silent for a minute makes its rows stale, and changes no status', async () => {
  const folder = temporaryFolder();
  const past = {
    ...presentClock,
    now: () => (presentClock.now() - 61_000) as ReturnType<typeof presentClock.now>,
  };

  await (await open(folder, past)).showLive([aRunningRun()]);

  const [result] = await openRunQuery(folder).query(['SELECT status, stale FROM runs'], LIMITS);
  expect(rowsOf(result)).toEqual([['running', true]]);
});

test('a line that is being written is not seen, and hides no other', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  const run = aRunningRun();
  await store.log(run, [{ metrics: { loss: 1 } }], NOTHING_READ);
  await store.showLive([run]);
  writeFileSync(join(folder, 'wal', run.id, '1.jsonl'), '{"t":1,"step":1,"m":{"lo', { flag: 'a' });

  const [result] = await openRunQuery(folder).query(['SELECT value FROM metrics'], LIMITS);

  expect(rowsOf(result)).toEqual([[1]]);
});

test('a log that is gone for good costs its points, and nothing else', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  const [kept, gone] = [aRunningRun(), aRunningRun({ id: 'b'.repeat(16) })];
  for (const run of [kept, gone]) await store.log(run, [{ metrics: { loss: 1 } }], NOTHING_READ);
  await store.showLive([kept, gone]);
  rmSync(join(folder, 'wal', gone.id), { recursive: true });

  const [metrics, runs] = await openRunQuery(folder).query(
    ['SELECT run_id FROM metrics', 'SELECT objective FROM runs'],
    LIMITS,
  );

  expect(rowsOf(metrics)).toEqual([[kept.id]]);
  expect(rowsOf(runs)).toEqual([[1], [1]]);
});

test('a file of finished runs that is missing is the store that is unavailable, and names the file', async () => {
  const folder = temporaryFolder();
  const store = await open(folder);
  const run = aSucceededRun();
  const [file = ''] = await store.finish([finished(run)]);
  await store.publish([run], [file]);
  rmSync(join(folder, file));

  await expect(openRunQuery(folder).query(['SELECT 1'], LIMITS)).rejects.toMatchObject({
    code: 'LTX_STORE_UNAVAILABLE',
    message: expect.stringContaining(file),
  });
});

test('a manifest that is damaged is the store that is unavailable, and names the file', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'manifest/lab1/1.json': '{"n":' });

  await expect(openRunQuery(folder).query(['SELECT 1'], LIMITS)).rejects.toMatchObject({
    code: 'LTX_STORE_UNAVAILABLE',
    message: expect.stringContaining('manifest/lab1/1.json'),
  });
});
