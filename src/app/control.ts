import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../model/experiment.ts';
import { namesIn, readIfThere, writeFileAtomic } from '../platform/files.ts';
import type { Workspace } from './workspace.ts';

/** A wish that somebody left for the runners of the workspace. */
export interface CancelWish {
  readonly runId: RunId;
  /** Who wishes it. */
  readonly by: string;
}

const CANCEL = 'cancel-';

/** Leaves the wish that these runs be cancelled; whoever executes them finds it within a second. Twice is once. */
export async function requestCancel(
  { control }: Workspace,
  runIds: readonly RunId[],
  by: string,
): Promise<void> {
  await Promise.all(runIds.map((id) => writeFileAtomic(join(control, `${CANCEL}${id}`), by)));
}

/** The wishes that are left, in no order. */
export async function cancelWishes({ control }: Workspace): Promise<readonly CancelWish[]> {
  const names = (await namesIn(control)).filter((name) => name.startsWith(CANCEL));
  return Promise.all(
    names.map(async (name) => ({
      runId: name.slice(CANCEL.length) as RunId,
      by: (await readIfThere(join(control, name))) ?? '',
    })),
  );
}

/** Takes a wish away: its run has heard it, or has ended. */
export async function clearCancel({ control }: Workspace, runId: RunId): Promise<void> {
  await rm(join(control, `${CANCEL}${runId}`), { force: true });
}
