import type { RunId } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { RunStatus } from '../model/schema.generated.ts';

/** A writer that said nothing for so long may be gone: its runs are shown, and that, but never as ended. */
const SILENT_MS = 60_000;

/** What a writer last said about its unfinished runs. Times are milliseconds since 1970. */
export interface Word {
  readonly writer: string;
  readonly at: number;
  readonly runs: readonly {
    readonly run_id: RunId;
    readonly experiment: string;
    readonly trial: string;
    readonly status: RunStatus;
    readonly attempt: number;
    readonly started_at: number | null;
    readonly queued_at: number;
    /** 0 to 1, where the program said so. */
    readonly progress: number | null;
  }[];
}

/** One unfinished run, as people watch it. */
export interface StatusRow {
  readonly run_id: RunId;
  readonly experiment: string;
  readonly trial: string;
  readonly status: RunStatus;
  readonly attempt: number;
  readonly progress: number | null;
  readonly runner: string;
  /** Since it started, or was queued. */
  readonly seconds: number;
  readonly stale: boolean;
}

/** Unfinished runs of all writers: what runs first, then what waits, each in the order of its writer. */
export function statusRows(words: readonly Word[], now: number): readonly StatusRow[] {
  const rows = words.flatMap(({ writer, at, runs }) =>
    runs
      .filter(({ status }) => !isFinal(status))
      .map(({ started_at, queued_at, run_id, experiment, trial, status, attempt, progress }) => ({
        run_id,
        experiment,
        trial,
        status,
        attempt,
        progress,
        runner: writer,
        seconds: (now - (started_at ?? queued_at)) / 1000,
        stale: now - at > SILENT_MS,
      })),
  );
  return rows.sort((a, b) => Number(a.status === 'queued') - Number(b.status === 'queued'));
}
