import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { attemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import type { RunId } from '../model/experiment.ts';
import { isErrno } from '../platform/files.ts';
import { logPath } from '../store/layout.ts';
import type { Workspace } from './workspace.ts';

/** What an attempt printed: from the store when it ended, from its folder while it runs; undefined where neither is here. */
export async function outputOf(
  workspace: Workspace,
  store: string,
  runId: RunId,
  attempt: number,
): Promise<string | undefined> {
  const kept = await bytesOf(join(store, logPath(runId, attempt, 0)));
  if (kept !== undefined) return gunzipSync(kept).toString();
  return (await bytesOf(attemptPlaces(workspace.attempts, runId, attempt).output))?.toString();
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}
