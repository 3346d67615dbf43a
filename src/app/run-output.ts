import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { attemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import type { RunId } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import { isErrno } from '../platform/files.ts';
import { logPath } from '../store/layout.ts';
import { triedIn } from './history.ts';
import type { Workspace } from './workspace.ts';

const POLL_MS = 200;
const CHUNK_BYTES = 256 * 1024;

/** What an attempt printed: from the store when it ended, from its folder while it runs; undefined where neither is here. */
export async function outputOf(
  workspace: Workspace,
  store: string,
  runId: RunId,
  attempt: number,
): Promise<Buffer | undefined> {
  const kept = await bytesOf(join(store, logPath(runId, attempt, 0)));
  if (kept !== undefined) return gunzipSync(kept);
  return bytesOf(attemptPlaces(workspace.attempts, runId, attempt).output);
}

/** What a run prints from its beginning on, until it has ended; from attempt to attempt. */
export async function* followOutput(
  workspace: Workspace,
  store: string,
  runId: RunId,
): AsyncIterable<Buffer> {
  let [attempt, position] = [0, 0];
  for (;;) {
    // Asked before the file is read: what was printed before the end is then read after it.
    const run = (await triedIn(store)).get(runId);
    if (run !== undefined && run.attempt !== attempt) [attempt, position] = [run.attempt, 0];
    const isOver = run === undefined || isFinal(run.status);
    const chunks = isOver
      ? restOf(await outputOf(workspace, store, runId, attempt), position)
      : grown(workspace, runId, attempt, position);
    for await (const chunk of chunks) {
      position += chunk.length;
      yield chunk;
    }
    if (isOver) return;
    await wait(POLL_MS);
  }
}

function restOf(output: Buffer | undefined, from: number): readonly Buffer[] {
  return output === undefined || output.length <= from ? [] : [output.subarray(from)];
}

/** What the attempt's file holds from here on. */
async function* grown(
  workspace: Workspace,
  runId: RunId,
  attempt: number,
  from: number,
): AsyncIterable<Buffer> {
  try {
    const file = await open(attemptPlaces(workspace.attempts, runId, attempt).output, 'r');
    try {
      for (let position = from; ; ) {
        const { buffer, bytesRead } = await file.read(
          Buffer.alloc(CHUNK_BYTES),
          0,
          CHUNK_BYTES,
          position,
        );
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (!isErrno(cause, 'ENOENT')) throw cause; // not started yet, or just collected: the next look finds it
  }
}

async function bytesOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}
