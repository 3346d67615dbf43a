import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Change, Coordination, CoordinationRecord } from '../ports/coordination.ts';
import { readJsonIfThere, writeFileOnce, writeFileWhole } from './files.ts';
import { acquireLock, type Lock } from './lock.ts';

/**
 * Coordination between the runners of one workspace: a file a record. A new record is made exclusively; a change of one
 * is made under one lock of the workspace. A version is a number of its own, so that two swaps to equal contents are
 * not taken for one. After a power cut a change may be missing: the journals of the runners know better.
 */
export function fileCoordination(folder: string): Coordination {
  return new FileCoordination(folder);
}

class FileCoordination implements Coordination {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(names: readonly string[]): Promise<ReadonlyMap<string, CoordinationRecord>> {
    const records = await Promise.all(
      names.map(async (name) => [name, await this.#current(name)] as const),
    );
    return new Map(
      records.filter((entry): entry is [string, CoordinationRecord] => entry[1] !== undefined),
    );
  }

  async swap(changes: readonly Change[]): Promise<readonly ('won' | 'lost')[]> {
    const made = await Promise.all(
      changes.map((change) => (change.from === null ? this.#make(change) : undefined)),
    );
    if (changes.every(({ from }) => from === null)) return made.map((answer) => answer ?? 'lost');
    const lock = await waitForLock(join(this.#folder, 'lock'));
    try {
      return await Promise.all(
        changes.map((change, index) => made[index] ?? this.#replace(change)),
      );
    } finally {
      await lock.release();
    }
  }

  async #make({ name, to }: Change): Promise<'won' | 'lost'> {
    if (await writeFileOnce(this.#place(name), contentOf(to))) return 'won';
    if ((await this.#current(name)) !== undefined) return 'lost';
    // There, and not to be read: a power cut left it.
    await writeFileWhole(this.#place(name), contentOf(to));
    return 'won';
  }

  async #replace({ name, from, to }: Change): Promise<'won' | 'lost'> {
    if ((await this.#current(name))?.version !== from) return 'lost';
    await writeFileWhole(this.#place(name), contentOf(to));
    return 'won';
  }

  #current(name: string): Promise<CoordinationRecord | undefined> {
    return readJsonIfThere(this.#place(name));
  }

  #place(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

function contentOf(value: Change['to']): string {
  return JSON.stringify({ version: randomUUID(), value } satisfies CoordinationRecord);
}

async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const taken = await acquireLock(path);
    if ('lock' in taken) return taken.lock;
    await wait(5);
  }
}
