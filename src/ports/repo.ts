import type { CommitSha } from '../model/experiment.ts';

/** A file of a tree. `kind` tells links (git mode 120000) and submodules, which are never followed. */
export interface TreeEntry {
  readonly path: string;
  readonly oid: string;
  readonly mode: string;
  readonly kind: 'file' | 'link' | 'submodule';
}

export interface CommitFacts {
  readonly commit: CommitSha;
  /** Tree id of the workspace's folder (the repository's root, or a sub-folder) at the commit. */
  readonly tree: string;
  readonly author: string;
  readonly committer: string;
  readonly message: string;
  /** Milliseconds since 1970 of the committer's date. */
  readonly committedAt: number;
}

/**
 * Commits of one repository, read-only but for the tree cache.
 *
 * Contract (tests/contract/repo.contract.ts):
 * - Nothing of the user's own repository changes: neither its index, nor its files, nor its branches.
 * - `tips` asks the remote and brings the commits of the named branches here; a branch that is not `wanted` is not fetched.
 * - A tree id always has the same content: answers about trees may be kept for ever.
 * - Links and submodules are listed, never followed.
 * - `materialise` gives a folder with the tree's files, shared by all who ask: never write into it.
 */
export interface Repo {
  /** Branch names of the remote -> commit, without fetching; the default branch first where the remote shows one. */
  branches(): Promise<{
    readonly heads: ReadonlyMap<string, CommitSha>;
    readonly head: string | undefined;
  }>;
  /** Brings these branches here. @throws LTX_REMOTE_UNREACHABLE */
  fetch(branches: readonly string[]): Promise<void>;
  facts(commit: CommitSha): Promise<CommitFacts>;
  entries(tree: string): Promise<readonly TreeEntry[]>;
  /** Text of blobs, in the order asked; one process for all. */
  read(oids: readonly string[]): Promise<readonly string[]>;
  /** Absolute path of the tree's files. */
  materialise(tree: string): Promise<string>;
}
