import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import type { CommitSha } from '../../model/experiment.ts';
import { endMarked } from '../../platform/process-table.ts';
import type { Repo } from '../../ports/repo.ts';
import { GIT_MARK, type Git, gitIn } from './git.ts';
import { commitFacts, materialiseTree, readBlobs, treeEntries } from './objects.ts';

export interface MirrorPlace {
  /** Bare repository of ours; made when it is missing. */
  readonly folder: string;
  /** Cache of trees, shared by the workspace's runners. */
  readonly treesFolder: string;
  readonly url: string;
  /** The workspace's folder in the repository, '' for its root. */
  readonly prefix: string;
}

/** A bare mirror of the trusted branches of one remote. */
export async function openMirror(place: MirrorPlace): Promise<Repo> {
  const git = gitIn(await prepared(place.folder));
  const remote = { config: 'host', protocol: protocolOf(place.url) } as const;
  const trees = new Map<string, Promise<string>>();
  return {
    branches: () => reach(place.url, () => listBranches(git, place.url, remote)),
    fetch: (branches) =>
      reach(place.url, async () => {
        if (branches.length === 0) return;
        const refspecs = branches.map((name) => `+refs/heads/${name}:refs/lightex/remote/${name}`);
        await git(
          [
            'fetch',
            '--no-tags',
            '--no-write-fetch-head',
            '--quiet',
            '--end-of-options',
            place.url,
            ...refspecs,
          ],
          remote,
        );
      }),
    facts: (commit) => commitFacts(git, commit, place.prefix),
    entries: (tree) => treeEntries(git, tree),
    read: (oids) => readBlobs(git, oids),
    materialise: (tree) => {
      const folder = trees.get(tree) ?? materialiseTree(git, tree, place.treesFolder);
      trees.set(tree, folder);
      // A failure is not kept: the next one who asks tries again.
      folder.catch(() => trees.delete(tree));
      return folder;
    },
  };
}

async function prepared(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await gitIn(folder)(['init', '--quiet', '--bare', '.']);
  return folder;
}

/** Ends the git commands that a dead runner left in its mirror, and removes their locks. */
export async function clearLocks(folder: string): Promise<void> {
  await endMarked(GIT_MARK, folder);
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder, { recursive: true });
  await Promise.all(
    names
      .filter((name) => name.endsWith('.lock'))
      .map((name) => rm(join(folder, name), { force: true })),
  );
}

async function listBranches(git: Git, url: string, options: { config: 'host'; protocol: string }) {
  // Two patterns and no more: with protocol 2 the server then sends heads alone, whatever other refs it has.
  const args = ['ls-remote', '--symref', '--end-of-options', url, 'HEAD', 'refs/heads/*'];
  const { stdout } = await git(args, options);
  const heads = new Map<string, CommitSha>();
  let head: string | undefined;
  for (const line of stdout.toString().split('\n')) {
    const [value = '', ref = ''] = line.split('\t');
    if (ref === 'HEAD' && value.startsWith('ref: refs/heads/'))
      head = value.slice('ref: refs/heads/'.length);
    else if (ref.startsWith('refs/heads/'))
      heads.set(ref.slice('refs/heads/'.length), value as CommitSha);
  }
  return { heads, head };
}

async function reach<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new LightexError(
      'LTX_REMOTE_UNREACHABLE',
      `the remote ${withoutPassword(url)} cannot be read: ${said}`,
      {
        hint: 'Check the address and your access with: git ls-remote',
        cause,
      },
    );
  }
}

/** The protocol that git speaks with this address: `file` for paths, `ssh` for host:path. */
function protocolOf(url: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined) return scheme;
  return /^[^/]+:/.test(url) ? 'ssh' : 'file';
}

/** The address as it may be shown. */
function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^@/]*@/i, '$1');
}
