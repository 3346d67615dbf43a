import { type FSWatcher, watch } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../platform/files.ts';
import type { DaemonServices } from './services.ts';
import { findWorkspace, prepareState } from './workspace.ts';

const WAKE = 'wake';

/** Makes the running daemon of the workspace around `folder` look at its remote at once: what a hook calls. */
export async function wakeRunners(folder: string): Promise<void> {
  const workspace = await findWorkspace(folder);
  await prepareState(workspace);
  await writeFileWhole(join(workspace.control, WAKE), '');
}

/**
 * Calls `look` when somebody wakes the runners, and when the refs of a remote on this machine change; what to call to
 * end it. A hint only: what it misses, the next poll finds.
 */
export async function watchForWork(
  { workspace, remoteFolder }: DaemonServices,
  look: () => void,
): Promise<() => void> {
  await mkdir(workspace.control, { recursive: true });
  const watchers = [watch(workspace.control, (_, name) => name === WAKE && look())];
  if (remoteFolder !== undefined) watchers.push(...(await refWatchers(remoteFolder, look)));
  for (const watcher of watchers) {
    watcher.on('error', () => watcher.close());
    watcher.unref();
  }
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}

async function refWatchers(remote: string, look: () => void): Promise<readonly FSWatcher[]> {
  for (const folder of [join(remote, 'refs/heads'), join(remote, '.git/refs/heads')]) {
    if (
      await stat(folder).then(
        (found) => found.isDirectory(),
        () => false,
      )
    )
      return [watch(folder, { recursive: true }, look)];
  }
  return [];
}
