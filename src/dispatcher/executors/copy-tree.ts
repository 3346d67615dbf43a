import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';

interface Listing {
  /** Parents before their children. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly links: readonly string[];
}

/** A folder of the tree cache never changes: it is read once. */
const listings = new Map<string, Promise<Listing>>();

/**
 * A private copy of a folder of the tree cache, files shared where the file system can (reflinks), modes and links kept.
 * `fs.cp` asks the file system several times about each file; of one that never changes there is nothing to ask.
 */
export async function copyTree(from: string, to: string): Promise<void> {
  const listing = listings.get(from) ?? listingOf(from);
  listings.set(from, listing);
  listing.catch(() => listings.delete(from));
  const { folders, files, links } = await listing;
  await mkdir(to);
  for (const path of folders) await mkdir(join(to, path));
  await Promise.all([
    ...files.map((path) => copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)),
    ...links.map(async (path) => symlink(await readlink(join(from, path)), join(to, path))),
  ]);
}

async function listingOf(folder: string): Promise<Listing> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = (is: 'isDirectory' | 'isFile' | 'isSymbolicLink') =>
    entries
      .filter((entry) => entry[is]())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return {
    folders: paths('isDirectory').sort(),
    files: paths('isFile'),
    links: paths('isSymbolicLink'),
  };
}
