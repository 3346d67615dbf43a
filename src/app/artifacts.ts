import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
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

/** Paths of plain files, with forward slashes; none when there is no such folder. */
async function filesUnder(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return [];
    throw cause;
  }
}
