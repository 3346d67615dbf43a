import type { JournalEvent } from '../model/event.ts';

/**
 * What a runner knows about its runs, and nothing else does.
 *
 * Contract (tests/contract/journal.contract.ts):
 * - When `append` resolves, its events survive the death of the process; all of one call or none of them.
 * - Appends take effect in the order of the calls; concurrent calls may share one write.
 * - After a failed append the journal accepts nothing more: what the file holds is then read back by `replay` of a new one.
 * - `replay` yields all acknowledged events, oldest first; a torn tail is left out, damage before it is LTX_JOURNAL_CORRUPT.
 */
export interface Journal {
  append(events: readonly JournalEvent[]): Promise<void>;
  replay(): Promise<readonly JournalEvent[]>;
  close(): Promise<void>;
}
