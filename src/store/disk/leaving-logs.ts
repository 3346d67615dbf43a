import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunId } from '../../model/experiment.ts';
import { namesInFolder } from '../../platform/files.ts';
import { walPath } from '../layout.ts';
import type { Wal } from './wal.ts';

/** Readers that listed a log just before it was published have so long to read it. */
const GRACE_MS = 5_000;

/** Logs of published attempts: the history has what they hold, and readers that saw them a moment ago still find them. */
export class LeavingLogs {
  #logs: readonly { readonly wal: Wal; readonly since: number }[] = [];

  /** The log's attempt was published. */
  async add(wal: Wal, now: number): Promise<void> {
    await wal.close();
    this.#logs = [...this.#logs, { wal, since: now }];
  }

  /** Removes those that nobody can be reading any more. */
  async removeOld(now: number): Promise<void> {
    const isOld = ({ since }: { readonly since: number }) => now - since > GRACE_MS;
    const old = this.#logs.filter(isOld);
    this.#logs = this.#logs.filter((log) => !isOld(log));
    for (const { wal } of old) await wal.remove();
  }

  /** Removes all: the process ends. */
  removeAll(): Promise<void> {
    return this.removeOld(Number.POSITIVE_INFINITY);
  }
}

/** Removes logs that a killed process left although their attempts are in the history. */
export async function removePublishedLogs(
  store: string,
  published: Iterable<{ readonly runId: RunId; readonly attempt: number }>,
): Promise<void> {
  const runs = new Set(
    await namesInFolder(join(store, dirname(dirname(walPath('x' as RunId, 1))))),
  );
  for (const { runId, attempt } of published) {
    if (!runs.has(runId)) continue;
    await rm(join(store, walPath(runId, attempt)), { force: true });
  }
}
