/** Manifests and live files, read and written as JSON: no DuckDB is needed to know what was tried. */

import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import {
  isErrno,
  namesIn,
  readIfThere,
  writeFileAtomic,
  writeFileWhole,
} from '../../platform/files.ts';
import { LIVE_FOLDER, livePath, MANIFEST_FOLDER, manifestPath } from '../layout.ts';
import {
  FULL_EVERY,
  type LiveFile,
  type ManifestEntry,
  type Published,
  unite,
} from '../snapshot.ts';

const LOOKS = 5;

export interface StoreState {
  readonly published: Published;
  readonly live: readonly LiveFile[];
}

/**
 * Everything that all writers said. Live files are read before the manifests: a run that ends in between is then
 * seen twice, which readers settle, and never not at all.
 */
export async function readState(store: string): Promise<StoreState> {
  const live = await readLive(store);
  for (let look = 1; ; look += 1) {
    const writers = await namesIn(join(store, MANIFEST_FOLDER));
    const [read] = await Promise.allSettled([
      Promise.all(writers.map((writer) => readEntries(store, writer))),
    ]);
    const still = await namesIn(join(store, MANIFEST_FOLDER));
    // A writer that was folded into another meanwhile is gone as a whole: the next look finds what it said there.
    if (look < LOOKS && writers.some((writer) => !still.includes(writer))) continue;
    if (read.status === 'rejected') throw read.reason;
    return { published: unite(read.value), live };
  }
}

/** Takes away everything that a writer said: another one says it now. */
export async function removeWriter(store: string, writer: string): Promise<void> {
  // Renamed first: a reader sees all of its entries or none.
  const gone = join(store, MANIFEST_FOLDER, `.tmp-${writer}`);
  try {
    await rename(join(store, MANIFEST_FOLDER, writer), gone);
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause; // it has published nothing
  }
  await rm(gone, { recursive: true, force: true });
  await rm(join(store, livePath(writer)), { force: true });
}

/** A writer's entries from its newest full list on, oldest first. */
export async function readEntries(
  store: string,
  writer: string,
): Promise<readonly ManifestEntry[]> {
  const names = await namesIn(join(store, MANIFEST_FOLDER, writer));
  const last = Math.max(0, ...names.map((name) => Number.parseInt(name, 10) || 0));
  const first = Math.max(1, last - (last % FULL_EVERY));
  const numbers = Array.from({ length: last === 0 ? 0 : last - first + 1 }, (_, i) => first + i);
  return Promise.all(
    numbers.map(async (n) => {
      const path = join(store, manifestPath(writer, n));
      const entry = await readJson<ManifestEntry>(path);
      if (entry !== undefined) return entry;
      throw new LightexError('LTX_STORE_UNAVAILABLE', `${path} is missing from the store`, {
        hint: 'Bring the file back from a backup: it says which files hold finished runs',
      });
    }),
  );
}

/** Makes the entry visible. Entries that a newer full list made superfluous are removed a full list later. */
export async function writeEntry(
  store: string,
  writer: string,
  entry: ManifestEntry,
): Promise<void> {
  await writeFileAtomic(join(store, manifestPath(writer, entry.n)), JSON.stringify(entry));
  if (!entry.full) return;
  for (let n = entry.n - 2 * FULL_EVERY; n < entry.n - FULL_EVERY; n += 1)
    await rm(join(store, manifestPath(writer, n)), { force: true });
}

export async function writeLive(store: string, file: LiveFile): Promise<void> {
  await writeFileWhole(join(store, livePath(file.writer)), JSON.stringify(file));
}

async function readLive(store: string): Promise<readonly LiveFile[]> {
  const names = await namesIn(join(store, LIVE_FOLDER));
  const files = await Promise.all(
    names.map((name) => readJson<LiveFile>(join(store, LIVE_FOLDER, name))),
  );
  return files.filter((file) => file !== undefined);
}

/** Names in a folder without temporary files; none when there is no such folder. */

async function readJson<T>(path: string): Promise<T | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new LightexError('LTX_STORE_UNAVAILABLE', `${path} is damaged: it is not JSON`, {
      hint: 'Bring the file back from a backup',
      cause,
    });
  }
}
