import picomatch from 'picomatch';

export interface TrustedBranches {
  /** Names of branches that may run here, sorted. */
  readonly branches: readonly string[];
  /** Names of branches that are there but may not. */
  readonly refused: readonly string[];
  /** The branch taken because nothing else says which: the one checked out in the workspace. */
  readonly fallback?: string;
}

/**
 * Which branches of a remote a runner may execute: those that its globs match (`**` crosses slashes),
 * or, without globs, the remote's default branch, or, when the remote shows none, the workspace's own branch.
 */
export function trustedBranches(
  names: readonly string[],
  remoteHead: string | undefined,
  globs: readonly string[] | undefined,
  checkedOut: string | undefined,
): TrustedBranches {
  const fallback = globs === undefined && remoteHead === undefined ? checkedOut : undefined;
  const patterns = globs ?? [remoteHead ?? checkedOut ?? ''].filter((name) => name !== '');
  const literal = globs === undefined;
  const matches = literal ? (name: string) => patterns.includes(name) : picomatch([...patterns]);
  const sorted = [...names].sort();
  return {
    branches: sorted.filter((name) => matches(name)),
    refused: sorted.filter((name) => !matches(name)),
    ...(fallback === undefined ? {} : { fallback }),
  };
}
