import { LightexError } from '../model/errors.ts';
import type { SourceTree } from '../namedconf/source.ts';
import type { Repo, TreeEntry } from '../ports/repo.ts';

/** The files of a tree of git, as namedconf reads them. */
export async function sourceTree(
  repo: Pick<Repo, 'entries' | 'read'>,
  tree: string,
): Promise<SourceTree> {
  const entries = new Map((await repo.entries(tree)).map((entry) => [entry.path, entry]));
  return { entries, read: (paths) => repo.read(paths.map((path) => blobOf(entries, path))) };
}

function blobOf(entries: ReadonlyMap<string, TreeEntry>, path: string): string {
  const entry = entries.get(path);
  if (entry === undefined) throw new LightexError('LTX_INTERNAL', `the tree has no file ${path}`);
  return entry.oid;
}
