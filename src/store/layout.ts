/** Every path below the store's folder, relative to it, with `/`. Nothing else in the code base spells one. */

import type { RunId } from '../model/experiment.ts';

/** The attempt's log while it lives. */
export function walPath(runId: RunId, attempt: number): string {
  return `wal/${runId}/${attempt}.jsonl`;
}

export const LIVE_FOLDER = 'live';

/** The writer's unfinished runs. */
export function livePath(writer: string): string {
  return `${LIVE_FOLDER}/${writer}.json`;
}

/** Rows of finished attempts; `id` is unique to one batch. */
export function runsPath(id: string): string {
  return `runs/${id}.parquet`;
}

/** Points of finished attempts of one experiment. */
export function metricsPath(experiment: string, id: string): string {
  return `metrics/${experiment}/${id}.parquet`;
}

/** Captured output of one rank of an attempt. */
export function logPath(runId: RunId, attempt: number, rank: number): string {
  return `logs/${runId}/${attempt}.${rank}.log.gz`;
}

export const ARTIFACTS_FOLDER = 'artifacts';

/** A file that a run left behind, by its content. */
export function artifactPath(sha256: string): string {
  return `${ARTIFACTS_FOLDER}/${sha256.slice(0, 2)}/${sha256}`;
}

export const MANIFEST_FOLDER = 'manifest';

/** The n-th thing that a writer published. */
export function manifestPath(writer: string, n: number): string {
  return `${MANIFEST_FOLDER}/${writer}/${n}.json`;
}

/** True for a file of run rows; the other files of a manifest hold points. */
export function holdsRuns(file: string): boolean {
  return file.startsWith('runs/');
}
