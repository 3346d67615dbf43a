import { randomBytes } from 'node:crypto';
import { access, mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LightexError } from '../model/errors.ts';
import { readIfThere, writeFileAtomic } from '../platform/files.ts';

/** A workspace's folder and the places of its state, which git ignores. */
export interface Workspace {
  readonly root: string;
  readonly state: string;
  readonly mirror: string;
  readonly trees: string;
  readonly attempts: string;
  readonly coordination: string;
  /** Wishes that people leave for the runners: to cancel, to look now. */
  readonly control: string;
  readonly site: string;
}

/**
 * The workspace that `from` is in: the nearest parent with lightex.jsonnet, else the root of the git repository.
 * @throws LTX_NO_WORKSPACE
 */
export async function findWorkspace(from: string): Promise<Workspace> {
  const root = (await nearestWith(from, 'lightex.jsonnet')) ?? (await nearestWith(from, '.git'));
  if (root === undefined) {
    throw new LightexError(
      'LTX_NO_WORKSPACE',
      `${from} is not in a workspace: no parent folder has lightex.jsonnet or is a git repository`,
      {
        hint: 'Make one with: lightex init',
      },
    );
  }
  const state = join(root, '.lightex');
  return {
    root,
    state,
    mirror: join(state, 'mirror.git'),
    trees: join(state, 'trees'),
    attempts: join(state, 'attempts'),
    coordination: join(state, 'coordination'),
    control: join(state, 'control'),
    site: join(state, 'site'),
  };
}

/** Makes the state folder, invisible to git. */
export async function prepareState({ state }: Workspace): Promise<void> {
  await mkdir(state, { recursive: true });
  const ignore = join(state, '.gitignore');
  if ((await readIfThere(ignore)) === undefined) await writeFileAtomic(ignore, '*\n');
}

/** A runner's folder in the state, and its id: its name and a suffix made once, so that clones on other machines differ. */
export async function runnerIdentity(
  { state }: Workspace,
  name: string,
): Promise<{ readonly folder: string; readonly id: string }> {
  const folder = join(state, 'runners', name);
  const file = join(folder, 'id');
  const known = await readIfThere(file);
  if (known !== undefined) return { folder, id: known };
  const id = `${name}-${randomBytes(4).toString('hex')}`;
  await writeFileAtomic(file, id);
  return { folder, id };
}

/** The store's folder: what lightex.jsonnet says, from the workspace's root. */
export function storeFolder({ root }: Workspace, store: string | undefined): string {
  return resolve(root, store ?? '.lightex/store');
}

async function nearestWith(from: string, name: string): Promise<string | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    try {
      await access(join(folder, name));
      return folder;
    } catch {
      if (folder === dirname(folder)) return undefined; // not here; and this was the root
    }
  }
}
