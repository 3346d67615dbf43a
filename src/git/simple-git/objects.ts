import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import type { CommitSha } from '../../model/experiment.ts';
import { isErrno } from '../../platform/files.ts';
import type { CommitFacts, TreeEntry } from '../../ports/repo.ts';
import type { Git } from './git.ts';

const FACTS = ['%H', '%an', '%cn', '%ct', '%s'].join('%x00');
const KIND_BY_MODE: Readonly<Record<string, TreeEntry['kind']>> = {
  '120000': 'link',
  '160000': 'submodule',
};

/** Who made the commit, when, and the tree of the workspace's folder (`prefix`, '' for the root) in it. */
export async function commitFacts(git: Git, commit: string, prefix: string): Promise<CommitFacts> {
  const log = await git(['log', '-1', `--format=${FACTS}`, commit, '--']);
  const [sha = '', author = '', committer = '', seconds = '', message = ''] = log.stdout
    .toString()
    .trimEnd()
    .split('\0');
  const tree = await git(['rev-parse', '--verify', '--end-of-options', `${commit}:${prefix}`]);
  return {
    commit: sha as CommitSha,
    tree: lastLine(tree.stdout),
    author,
    committer,
    message,
    committedAt: Number(seconds) * 1000,
  };
}

/** Every file of the tree with its path, sorted by path. */
export async function treeEntries(git: Git, tree: string): Promise<readonly TreeEntry[]> {
  const { stdout } = await git(['ls-tree', '-r', '-z', '--full-tree', tree]);
  return stdout
    .toString()
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t'); // the first: a path may have others
      const [meta, path] = [line.slice(0, tab), line.slice(tab + 1)];
      const [mode = '', , oid = ''] = meta.split(' ');
      return { path, oid, mode, kind: KIND_BY_MODE[mode] ?? 'file' };
    });
}

/** Texts of blobs, in the order asked. @throws LTX_GIT_FAILED when one of them is missing. */
export async function readBlobs(git: Git, oids: readonly string[]): Promise<readonly string[]> {
  if (oids.length === 0) return [];
  const { stdout } = await git(['cat-file', '--batch'], { input: `${oids.join('\n')}\n` });
  let from = 0;
  return oids.map((oid) => {
    const end = stdout.indexOf(0x0a, from);
    const [, type, size] = stdout.subarray(from, end).toString().split(' ');
    if (type !== 'blob') throw new LightexError('LTX_GIT_FAILED', `git has no blob ${oid}`);
    const start = end + 1;
    from = start + Number(size) + 1;
    return stdout.subarray(start, from - 1).toString();
  });
}

/**
 * Folder with the tree's files, made once: a private index and a temporary folder, then a rename, so that several
 * may ask at once and a crash leaves nothing half-made under the final name. Not a worktree: those are not safe to add in parallel.
 */
export async function materialiseTree(
  git: Git,
  tree: string,
  treesFolder: string,
): Promise<string> {
  const target = join(treesFolder, tree);
  if (await exists(target)) return target;
  const temporary = join(treesFolder, `.tmp-${randomBytes(6).toString('hex')}`);
  const index = `${temporary}.index`;
  await mkdir(temporary, { recursive: true });
  try {
    await git(['read-tree', tree], { env: { GIT_INDEX_FILE: index } });
    await git([`--work-tree=${temporary}`, 'checkout-index', '--all'], {
      env: { GIT_INDEX_FILE: index },
    });
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    // Somebody else was first: the same tree has the same files.
    if (!isErrno(cause, 'ENOTEMPTY') && !isErrno(cause, 'EEXIST')) throw cause;
  } finally {
    await rm(index, { force: true });
  }
  return target;
}

/** The last line of an answer, without its line end. */
export function lastLine(stdout: Buffer): string {
  return stdout.toString().trimEnd().split('\n').at(-1) ?? '';
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false; // making it anew is right whatever the reason
  }
}
