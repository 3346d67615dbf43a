import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JournalEvent } from '../../src/model/event.ts';
import { openJournal } from '../../src/store/disk/journal.ts';
import { type JournalFile, openJournalFile } from '../../src/store/disk/journal-file.ts';
import { temporaryFolder } from '../helpers/temporary.ts';
import { anEvent, journalContract } from './journal.contract.ts';

journalContract('a file', () => {
  const folder = temporaryFolder();
  return () => openJournal(folder);
});

async function replayed(folder: string): Promise<readonly JournalEvent[]> {
  const journal = await openJournal(folder);
  try {
    return await journal.replay();
  } finally {
    await journal.close();
  }
}

/** A file whose n-th call that changes something fails, after half of its bytes were written. */
function failingAt(n: number, calls: { count: number }): (path: string) => Promise<JournalFile> {
  return async (path) => {
    const file = await openJournalFile(path);
    const fails = () => {
      calls.count += 1;
      return calls.count === n;
    };
    return {
      ...file,
      append: async (bytes) => {
        if (!fails()) return file.append(bytes);
        await file.append(bytes.subarray(0, bytes.length / 2));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      sync: async () => {
        if (fails()) throw new Error('input/output error');
        await file.sync();
      },
    };
  };
}

test('whichever write fails, what was acknowledged is read back, no append in part, and work goes on', async () => {
  for (let n = 1; ; n += 1) {
    const folder = temporaryFolder();
    const calls = { count: 0 };
    const journal = await openJournal(folder, failingAt(n, calls));
    const acknowledged: JournalEvent[] = [];
    const appends = [1, 3, 5, 7].map((first) => [anEvent(first), anEvent(first + 1)]);
    let failures = 0;

    for (const events of appends) {
      try {
        await journal.append(events);
        expect(failures).toBe(0);
        acknowledged.push(...events);
      } catch (error) {
        expect(error).toMatchObject({ code: 'LTX_STORE_UNAVAILABLE' });
        failures += 1;
      }
    }
    await journal.close();
    const found = await replayed(folder);
    const next = await openJournal(folder);
    await next.append([anEvent(9)]);
    await next.close();

    expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(found.length % 2).toBe(0);
    expect(await replayed(folder)).toEqual([...found, anEvent(9)]);
    if (failures === 0) {
      expect(calls.count).toBeGreaterThanOrEqual(5);
      return;
    }
  }
});

test('appends of one turn share one write', async () => {
  const calls = { count: 0 };
  const journal = await openJournal(temporaryFolder(), failingAt(-1, calls));

  await Promise.all([1, 2, 3, 4, 5].map((n) => journal.append([anEvent(n)])));

  expect(calls.count).toBe(1);
  await journal.close();
});

test('a torn tail is left out and cut away, at whatever byte the write was interrupted', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'journal.jsonl');
  const journal = await openJournal(folder);
  await journal.append([anEvent(1)]);
  const size = readFileSync(path).length;
  await journal.append([anEvent(2), anEvent(3)]);
  await journal.close();
  const whole = readFileSync(path);

  for (let cut = size; cut < whole.length; cut += 7) {
    writeFileSync(path, whole.subarray(0, cut));
    expect(await replayed(folder)).toEqual([anEvent(1)]);
    expect(readFileSync(path).length).toBe(size);
  }
});

test('a tail of rubbish is a torn tail', async () => {
  const folder = temporaryFolder();
  const journal = await openJournal(folder);
  await journal.append([anEvent(1)]);
  await journal.close();
  appendFileSync(join(folder, 'journal.jsonl'), `${'\0'.repeat(64)}\n{"v":1`);

  expect(await replayed(folder)).toEqual([anEvent(1)]);
});

test.each([
  ['a changed byte', (line: string) => line.replace('run-2', 'run-X')],
  ['a line that is gone', () => undefined],
  ['a line that is there twice', (line: string) => `${line}\n${line}`],
])('%s before the tail is an error that names file and line', async (_, damage) => {
  const folder = temporaryFolder();
  const path = join(folder, 'journal.jsonl');
  const journal = await openJournal(folder);
  for (const n of [1, 2, 3]) await journal.append([anEvent(n)]);
  await journal.close();
  const [one = '', two = '', three = ''] = readFileSync(path, 'utf8').split('\n');
  const lines = [one, damage(two), three].filter((line) => line !== undefined);
  writeFileSync(path, `${lines.join('\n')}\n`);

  await expect(openJournal(folder)).rejects.toMatchObject({
    code: 'LTX_JOURNAL_CORRUPT',
    message: expect.stringMatching(`^${path}:[23]: `),
  });
  expect(existsSync(path)).toBe(true);
});
