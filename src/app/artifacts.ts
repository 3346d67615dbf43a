import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import type { AttemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import { isErrno } from '../platform/files.ts';
import type { FinishedRun } from '../ports/store.ts';

/**
 * What an attempt left behind: everything under `$LIGHTEX_ARTIFACTS`, and files of its working directory that the
 * experiment's globs name. Links are left out: they may lead anywhere. Of two with one path, the first kind wins.
 */
export async function artifactFiles(
  places: AttemptPlaces,
  globs: readonly string[],
): Promise<FinishedRun['artifactFiles']> {
  const found = new Map<string, string>();
  if (globs.length > 0) {
    const matches = picomatch([...globs], { dot: true });
    for (const path of await filesUnder(places.work))
      if (matches(path)) found.set(path, join(places.work, path));
  }
  for (const path of await filesUnder(places.artifacts))
    found.set(path, join(places.artifacts, path));
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, file]) => ({ path, file }));
}

/** Paths of plain files, with forward slashes; none where there is no such folder, or none that we may read. */
async function filesUnder(folder: string, inside = ''): Promise<readonly string[]> {
  const entries = await entriesOf(join(folder, inside));
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) return filesUnder(folder, path);
      return entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    // Not through a link that a job put in the folder's place.
    return (await lstat(folder)).isDirectory()
      ? await readdir(folder, { withFileTypes: true })
      : [];
  } catch (cause) {
    if (isErrno(cause, 'ENOENT') || isErrno(cause, 'EACCES')) return [];
    throw cause;
  }
}
