import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Change, Coordination, CoordinationRecord } from '../ports/coordination.ts';
import { isErrno, readIfThere, writeFileWhole } from './files.ts';
import { acquireLock, type Lock } from './lock.ts';

/**
 * Coordination between the runners of one workspace: a file a record, changed under one lock of the workspace.
 * After a power cut a change may be missing: the journals of the runners know better.
 * A version is a number of its own, so that two swaps to equal contents are not taken for one.
 */
export function fileCoordination(folder: string): Coordination {
  const place = (name: string) => join(folder, `${name}.json`);
  const current = async (name: string): Promise<CoordinationRecord | undefined> => {
    const text = await readIfThere(place(name));
    return text === undefined ? undefined : (JSON.parse(text) as CoordinationRecord);
  };
  const apply = async ({ name, from, to }: Change): Promise<'won' | 'lost'> => {
    if (((await current(name))?.version ?? null) !== from) return 'lost';
    await writeFileWhole(place(name), JSON.stringify({ version: randomUUID(), value: to }));
    return 'won';
  };
  return {
    read: async (prefix) => {
      const names = await namesUnder(join(folder, dirname(`${prefix}x`)));
      const wanted = names
        .map((name) => join(dirname(`${prefix}x`), name))
        .filter((name) => name.startsWith(prefix));
      const records = await Promise.all(
        wanted.map(async (name) => [name, await current(name)] as const),
      );
      return new Map(
        records.filter((entry): entry is [string, CoordinationRecord] => entry[1] !== undefined),
      );
    },
    swap: async (changes) => {
      await mkdir(folder, { recursive: true });
      const lock = await waitForLock(join(folder, 'lock'));
      try {
        return await Promise.all(changes.map(apply));
      } finally {
        await lock.release();
      }
    },
  };
}

async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const taken = await acquireLock(path);
    if ('lock' in taken) return taken.lock;
    await wait(5);
  }
}

async function namesUnder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder))
      .filter((name) => name.endsWith('.json'))
      .map((name) => basename(name, '.json'));
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return [];
    throw cause;
  }
}
