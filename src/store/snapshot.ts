/** What a reader sees of the store at one moment: a fold of all writers' manifests and live files. */

import type { RunId, UnixMs } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { RunStatus } from '../model/schema.generated.ts';
import type { TriedRun } from '../ports/store.ts';
import { holdsRuns } from './layout.ts';
import type { RunRow } from './run-row.ts';

/** `manifest/<writer>/<n>.json`: one thing that a writer published, or (`full`) everything up to it. */
export interface ManifestEntry {
  readonly n: number;
  readonly full: boolean;
  /** Files, relative to the store, that readers see from now on. */
  readonly add: readonly string[];
  /** Files that readers stop seeing. */
  readonly remove: readonly string[];
  /** The attempts in the added files. */
  readonly runs: readonly TriedRun[];
}

/** An unfinished run as its writer last saw it; `wal`, relative to the store, when it has logged points. */
export interface LiveRun extends RunRow {
  readonly wal: string | null;
}

/** `live/<writer>.json` */
export interface LiveFile {
  readonly writer: string;
  /** When it was written: a writer that is silent is not trusted to be alive. */
  readonly at: UnixMs;
  readonly runs: readonly LiveRun[];
}

export interface Published {
  readonly files: ReadonlySet<string>;
  /** Every published attempt by `attemptKey`. */
  readonly runs: ReadonlyMap<string, TriedRun>;
}

export interface Snapshot {
  readonly runFiles: readonly string[];
  readonly metricFiles: readonly string[];
  /** Unfinished attempts that nothing published tells of, the best word on each. */
  readonly live: readonly LiveRun[];
  /** Attempts that a newer attempt of the same run came after. */
  readonly superseded: readonly { readonly runId: RunId; readonly attempt: number }[];
}

/** Every FULL_EVERY-th entry of a writer is a full list: no reader opens more files of it. */
export const FULL_EVERY = 64;

const SILENT_MS = 60_000;

/** Names one attempt of one run. */
export function attemptKey(runId: RunId, attempt: number): string {
  return `${runId}/${attempt}`;
}

/** What a writer's entries, oldest first from a full one or the first, leave visible. */
export function foldEntries(entries: readonly ManifestEntry[]): Published {
  const files = new Set<string>();
  const runs = new Map<string, TriedRun>();
  for (const entry of entries) {
    for (const file of entry.add) files.add(file);
    for (const file of entry.remove) files.delete(file);
    for (const run of entry.runs) runs.set(attemptKey(run.runId, run.attempt), run);
  }
  return { files, runs };
}

/** All writers' manifests together; a file that any writer removed is gone. */
export function unite(writers: readonly (readonly ManifestEntry[])[]): Published {
  const folded = writers.map(foldEntries);
  const removed = new Set(writers.flat().flatMap(({ remove }) => remove));
  return {
    files: new Set(folded.flatMap(({ files }) => [...files].filter((file) => !removed.has(file)))),
    runs: new Map(folded.flatMap(({ runs }) => [...runs])),
  };
}

/**
 * The reader's view at `now`. For one attempt finished wins over what its writer does over claimed over queued,
 * then the writer that spoke last; rows of a writer that is silent for a minute are stale.
 */
export function snapshotOf(
  published: Published,
  liveFiles: readonly LiveFile[],
  now: UnixMs,
): Snapshot {
  const files = [...published.files].sort();
  const live = visibleLive(published, liveFiles, now);
  const attempts = [
    ...published.runs.values(),
    ...live.map((row) => ({ runId: row.run_id, attempt: row.attempt })),
  ];
  const newest = new Map<RunId, number>();
  for (const { runId, attempt } of attempts)
    newest.set(runId, Math.max(attempt, newest.get(runId) ?? 0));
  return {
    runFiles: files.filter(holdsRuns),
    metricFiles: files.filter((file) => !holdsRuns(file)),
    live,
    superseded: attempts
      .filter(({ runId, attempt }) => attempt < (newest.get(runId) ?? 0))
      .map(({ runId, attempt }) => ({ runId, attempt })),
  };
}

/** The newest attempt of every run, ended or not. */
export function triedRuns(
  published: Published,
  liveFiles: readonly LiveFile[],
  now: UnixMs,
): ReadonlyMap<RunId, TriedRun> {
  const live = visibleLive(published, liveFiles, now).map(triedRun);
  const tried = new Map<RunId, TriedRun>();
  for (const run of [...published.runs.values(), ...live]) {
    const known = tried.get(run.runId);
    if (known === undefined || run.attempt > known.attempt) tried.set(run.runId, run);
  }
  return tried;
}

/** The part of a row that a manifest keeps. */
function triedRun(row: RunRow): TriedRun {
  return {
    runId: row.run_id,
    trialKey: row.trial_key,
    attempt: row.attempt,
    status: row.status,
    ...(row.reason === null || row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.stale ? { stale: true } : {}),
  };
}

function visibleLive(
  published: Published,
  liveFiles: readonly LiveFile[],
  now: UnixMs,
): readonly LiveRun[] {
  const best = new Map<string, LiveRun>();
  for (const { at, runs } of liveFiles.toSorted((one, other) => one.at - other.at)) {
    for (const row of runs) {
      const key = attemptKey(row.run_id, row.attempt);
      const known = best.get(key);
      if (published.runs.has(key)) continue;
      if (known === undefined || rank(row.status) >= rank(known.status))
        best.set(key, { ...row, stale: now - at > SILENT_MS && !isFinal(row.status) });
    }
  }
  return [...best.values()];
}

/** A writer that works on a run knows more than one that only waits for it. */
function rank(status: RunStatus): number {
  return status === 'queued' ? 0 : status === 'claimed' ? 1 : 2;
}
