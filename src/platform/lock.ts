import { rm } from 'node:fs/promises';
import { readIfThere, writeFileOnce } from './files.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

export interface Lock {
  release(): Promise<void>;
}

type Acquired = { readonly lock: Lock } | { readonly heldBy: ProcessIdentity };

/**
 * A lock file that holds its owner's identity, taken over when that process is gone.
 * The answer is the lock, or the identity of the living process that has it.
 */
export async function acquireLock(path: string): Promise<Acquired> {
  me ??= identify(process.pid);
  const content = JSON.stringify(await me);
  for (;;) {
    if (await writeFileOnce(path, content))
      return { lock: { release: () => rm(path, { force: true }) } };
    const owner = await ownerOf(path);
    if (owner === undefined) continue; // released between our two looks
    if (await isAlive(owner)) return { heldBy: owner };
    await clearStale(path, content);
  }
}

let me: ReturnType<typeof identify> | undefined;

/** The living process that holds the lock, undefined when nobody does. */
async function lockHolder(path: string): Promise<ProcessIdentity | undefined> {
  const owner = await ownerOf(path);
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined;
}

async function ownerOf(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    return NOBODY; // a power cut left the name and not the content: its owner is gone with it
  }
}

const NOBODY: ProcessIdentity = { pid: 0, startTime: '', bootId: '' };

/**
 * Removes a dead owner's lock, one remover at a time: else the second could remove the lock that somebody took after
 * the first. A remover that died is cleared by the next.
 */
async function clearStale(path: string, content: string): Promise<void> {
  const takeover = `${path}.takeover`;
  if (await writeFileOnce(takeover, content)) {
    if ((await lockHolder(path)) === undefined) await rm(path, { force: true });
    await rm(takeover, { force: true });
  } else if ((await lockHolder(takeover)) === undefined) {
    await rm(takeover, { force: true });
  }
}
