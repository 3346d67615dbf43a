import type { CommitSha } from '../model/experiment.ts';

/** A trusted branch whose tip was not looked at yet. */
export interface NewTip {
  readonly branch: string;
  readonly commit: CommitSha;
}

/** Branches whose tip differs from the one last seen (or was never seen), by name. */
export function newTips(
  seen: ReadonlyMap<string, CommitSha>,
  heads: ReadonlyMap<string, CommitSha>,
  trusted: readonly string[],
): readonly NewTip[] {
  return trusted.flatMap((branch) => {
    const commit = heads.get(branch);
    return commit === undefined || seen.get(branch) === commit ? [] : [{ branch, commit }];
  });
}
