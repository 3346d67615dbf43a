import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import type { CommitSha } from '../../model/experiment.ts';
import type { CommitFacts, Repo } from '../../ports/repo.ts';
import { gitIn } from './git.ts';
import { commitFacts, lastLine, materialiseTree, readBlobs, treeEntries } from './objects.ts';
import { addAll, snapshotCommit } from './snapshot-commit.ts';

/** The files of the working directory as a tree, held in a temporary object folder: the repository stays as it is. */
export interface Snapshot extends Pick<Repo, 'entries' | 'read'> {
  readonly tree: string;
  close(): Promise<void>;
}

/** The user's own checkout, of which nothing is ever changed. */
export interface Checkout {
  /** The workspace's folder in the repository, '' for its root. */
  readonly prefix: string;
  /** Address of a remote, paths made absolute. @throws LTX_NOT_FOUND */
  remoteUrl(remote: string): Promise<string>;
  /** The branch that is checked out, undefined when the head is detached. */
  branch(): Promise<string | undefined>;
  /** The commit that is checked out, undefined before the first one. */
  head(): Promise<CommitFacts | undefined>;
  snapshot(): Promise<Snapshot>;
  /**
   * A commit with the files of the working directory, held by a ref of ours: no branch, no index and no file changes.
   * The same files give the same commit. @throws LTX_SNAPSHOT_REFUSED for files that look too large or too secret
   */
  commitSnapshot(): Promise<CommitFacts>;
  facts(commit: CommitSha): Promise<CommitFacts>;
  /** Reads trees of this repository; their files are laid out in `treesFolder`. */
  objects(treesFolder: string): Pick<Repo, 'entries' | 'read' | 'materialise'>;
}

/** The repository that `folder` is in. @throws LTX_NO_WORKSPACE when there is none. */
export async function openCheckout(folder: string): Promise<Checkout> {
  const git = gitIn(folder);
  const host = { config: 'host' } as const;
  const top = await git(['rev-parse', '--show-toplevel'], { ...host, answers: [128] });
  if (top.code !== 0) {
    throw new LightexError('LTX_NO_WORKSPACE', `${folder} is not in a git repository`, {
      hint: 'Make a workspace with: lightex init',
    });
  }
  const root = lastLine(top.stdout);
  const prefix = (await realpath(folder)).slice((await realpath(root)).length + 1);
  return {
    prefix,
    remoteUrl: async (remote) => {
      const { code, stdout } = await git(['remote', 'get-url', '--end-of-options', remote], {
        ...host,
        answers: [2, 128],
      });
      if (code !== 0) {
        throw new LightexError('LTX_NOT_FOUND', `this repository has no remote "${remote}"`, {
          hint: `Add it with: git remote add ${remote} ADDRESS`,
        });
      }
      const url = lastLine(stdout);
      return /^\.{1,2}(\/|$)/.test(url) ? resolve(root, url) : url;
    },
    branch: async () => {
      const { code, stdout } = await git(['symbolic-ref', '--quiet', '--short', 'HEAD'], {
        ...host,
        answers: [1],
      });
      return code === 0 ? lastLine(stdout) : undefined;
    },
    head: async () => {
      const { code } = await git(['rev-parse', '--quiet', '--verify', `HEAD:${prefix}`], {
        answers: [1, 128],
      });
      return code === 0 ? commitFacts(git, 'HEAD', prefix) : undefined;
    },
    snapshot: () => takeSnapshot(folder, prefix),
    commitSnapshot: async () => commitFacts(git, await snapshotCommit(folder), prefix),
    facts: (commit) => commitFacts(git, commit, prefix),
    objects: (treesFolder) => ({
      entries: (tree) => treeEntries(git, tree),
      read: (oids) => readBlobs(git, oids),
      materialise: (tree) => materialiseTree(git, tree, treesFolder),
    }),
  };
}

async function takeSnapshot(folder: string, prefix: string): Promise<Snapshot> {
  const git = gitIn(folder);
  const temporary = await mkdtemp(join(tmpdir(), 'lightex-snapshot-'));
  const close = () => rm(temporary, { recursive: true, force: true });
  try {
    const gitPath = async (name: string) =>
      resolve(folder, lastLine((await git(['rev-parse', '--git-path', name])).stdout));
    const env = {
      GIT_INDEX_FILE: join(temporary, 'index'),
      GIT_OBJECT_DIRECTORY: join(temporary, 'objects'),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: await gitPath('objects'),
    };
    await mkdir(env.GIT_OBJECT_DIRECTORY);
    await addAll(git, await gitPath('index'), env);
    const args = prefix === '' ? ['write-tree'] : ['write-tree', `--prefix=${prefix}/`];
    const tree = lastLine((await git(args, { env })).stdout);
    const inside: typeof git = (command, options) => git(command, { ...options, env });
    return {
      tree,
      entries: (oid) => treeEntries(inside, oid),
      read: (oids) => readBlobs(inside, oids),
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}
