import { type FileHandle, mkdir, open, readFile, rm, rmdir, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogRecord } from '../../model/event.ts';
import type { UnixMs } from '../../model/experiment.ts';
import { isErrno, syncFolder } from '../../platform/files.ts';
import type { LogState } from '../../ports/store.ts';
import type { RunLog } from '../run-log.ts';
import { parseWalLine, toJson, toLines, type WalLine } from '../wal-line.ts';
import { LazySync } from './lazy-sync.ts';
import { linesOf } from './lines.ts';

/**
 * The log of one attempt while it lives. Batches are whole: lines, then a mark with the sources' offsets; what
 * follows the last mark is cut away before the next batch, after a crash and after a failed write alike.
 */
export class Wal {
  readonly path: string;
  readonly log: RunLog;
  #size: number;
  #file: FileHandle | undefined;
  #lazySync: LazySync | undefined;
  #busy: Promise<unknown> = Promise.resolve();

  private constructor(path: string, log: RunLog, size: number) {
    this.path = path;
    this.log = log;
    this.#size = size;
  }

  /** Reads back what was logged into `log`, which must be new. The file is made by the first batch. */
  static async open(path: string, log: RunLog): Promise<Wal> {
    return new Wal(path, log, fold(await contentOf(path), log));
  }

  /** Resolves when the records and the state survive our death (a power cut: soon after); when it rejects nothing of them counts. */
  append(records: readonly LogRecord[], state: LogState, now: UnixMs): Promise<void> {
    const batch = this.#busy.then(() => this.#appendBatch(records, state, now));
    // The next batch follows this one whether or not it succeeded; its own caller sees the failure.
    this.#busy = batch.catch(() => {});
    return batch;
  }

  async #appendBatch(records: readonly LogRecord[], state: LogState, now: UnixMs): Promise<void> {
    const lines: readonly WalLine[] = [
      ...toLines(records, (key) => this.log.pointsOf(key), now),
      { o: state.offsets, invalid: state.invalidLines },
    ];
    const bytes = Buffer.from(lines.map((line) => `${toJson(line)}\n`).join(''));
    const file = await this.#opened();
    await file.truncate(this.#size);
    await file.appendFile(bytes);
    this.#lazySync?.wrote();
    this.#size += bytes.length;
    for (const line of lines) this.log.apply(line);
  }

  async #opened(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file;
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.path, 'a');
    this.#lazySync = new LazySync(async () => {
      await file.datasync();
      await syncFolder(dirname(this.path));
      await syncFolder(dirname(dirname(this.path)));
    });
    this.#file = file;
    return file;
  }

  /** Waits for what is being written; cuts away what was never marked. */
  async settle(): Promise<void> {
    await this.#busy;
    if (this.#size > 0) await truncate(this.path, this.#size);
  }

  async close(): Promise<void> {
    await this.#busy;
    await this.#lazySync?.flush();
    await this.#file?.close();
    this.#file = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.path, { force: true });
    try {
      await rmdir(dirname(this.path));
    } catch (cause) {
      // Another attempt's log is still there, or nothing was ever logged.
      if (!isErrno(cause, 'ENOTEMPTY') && !isErrno(cause, 'ENOENT')) throw cause;
    }
  }
}

/** Applies all marked batches; gives the size up to the last mark. */
function fold(content: Buffer, log: RunLog): number {
  let size = 0;
  let batch: WalLine[] = [];
  for (const { text, end } of linesOf(content)) {
    const line = parseWalLine(text);
    if (line === undefined) break;
    batch.push(line);
    if (!('o' in line)) continue;
    for (const one of batch) log.apply(one);
    batch = [];
    size = end;
  }
  return size;
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return Buffer.alloc(0);
    throw cause;
  }
}
