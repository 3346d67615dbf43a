import { type FSWatcher, watch } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../platform/files.ts';
import type { DaemonServices } from './services.ts';
import { findWorkspace, prepareState } from './workspace.ts';

const WAKE = 'wake';
const SETTLE_MS = 60;

/** Makes the running daemon of the workspace around `folder` look at its remote at once: what a hook calls. */
export async function wakeRunners(folder: string): Promise<void> {
  const workspace = await findWorkspace(folder);
  await prepareState(workspace);
  await writeFileWhole(join(workspace.control, WAKE), '');
}

/**
 * Calls `look` when somebody wakes the runners, and when a push reaches a remote on this machine; what to call to end it.
 * A hint only: what it misses, the next poll finds.
 */
export async function watchForWork(
  { workspace, remoteFolder }: DaemonServices,
  look: () => void,
): Promise<() => void> {
  await mkdir(workspace.control, { recursive: true });
  // A push makes several changes, the one of the ref last: the look comes when they are through.
  let timer: NodeJS.Timeout | undefined;
  const lookSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS).unref();
  };
  const watchers = [
    watch(workspace.control, (_, name) => name === WAKE && look()),
    ...(remoteFolder === undefined ? [] : await remoteWatchers(remoteFolder, lookSoon)),
  ];
  for (const watcher of watchers) {
    watcher.on('error', () => watcher.close());
    watcher.unref();
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** What a push touches in a repository: its branches, and (for branches with a slash) where objects arrive. */
async function remoteWatchers(remote: string, onChange: () => void): Promise<readonly FSWatcher[]> {
  for (const folder of [remote, join(remote, '.git')]) {
    if (await isFolder(join(folder, 'refs/heads'))) {
      return ['refs/heads', 'objects'].map((name) => watch(join(folder, name), onChange));
    }
  }
  return [];
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false, // not a repository of that layout, or not to be read: polling will do
  );
}
