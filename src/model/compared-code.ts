/** One state of the files that can change an experiment's results. */
export interface ComparedCode {
  /** The column `code` of its runs. */
  readonly hash: string;
  /** False when nothing of the cited commit's own code has run: then it is the code that ran last. */
  readonly isCited: boolean;
  /** Runs of the experiment with other code, which are left out. */
  readonly otherRuns: number;
}
