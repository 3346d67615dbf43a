import type { LightexError, Problem } from '../model/errors.ts';
import type { Run } from '../model/run.ts';

/** What a daemon tells whoever watches it: for people on a terminal, or as log lines. */
export type News =
  | { readonly type: 'branch-refused'; readonly branch: string }
  | { readonly type: 'branch-fallback'; readonly branch: string }
  | {
      readonly type: 'planned';
      readonly branch: string;
      readonly commit: string;
      readonly experiment: string;
      readonly queued: number;
      readonly reused: number;
    }
  | {
      readonly type: 'not-planned';
      readonly branch: string;
      readonly commit: string;
      readonly problems: readonly Problem[];
    }
  | { readonly type: 'adopted'; readonly run: Run }
  | { readonly type: 'started'; readonly run: Run }
  | { readonly type: 'requeued'; readonly run: Run; readonly why: string }
  | { readonly type: 'ended'; readonly run: Run }
  | { readonly type: 'report'; readonly experiment: string; readonly path: string }
  | { readonly type: 'trouble'; readonly error: LightexError };

export type Notify = (news: News) => void;
