import type { RunId } from '../model/experiment.ts';
import { systemClock } from '../platform/clock.ts';
import type { TriedRun } from '../ports/store.ts';
import { readState } from '../store/disk/manifest.ts';
import type { LiveFile } from '../store/snapshot.ts';
import { triedRuns } from '../store/snapshot.ts';

/** Every run that was tried, by whoever writes to this store. */
export async function triedIn(store: string): Promise<ReadonlyMap<RunId, TriedRun>> {
  const { published, live } = await readState(store);
  return triedRuns(published, live, systemClock.now());
}

/** What each writer last said about its unfinished runs. */
export async function liveIn(store: string): Promise<readonly LiveFile[]> {
  return (await readState(store)).live;
}
