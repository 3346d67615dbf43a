import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import type { JournalEvent } from '../../model/event.ts';
import { isErrno } from '../../platform/files.ts';
import type { Journal } from '../../ports/journal.ts';
import { type JournalFile, openJournalFile } from './journal-file.ts';
import { journalLines, readJournal } from './journal-lines.ts';
import { LazySync } from './lazy-sync.ts';
import { storeError } from './store-error.ts';

interface Append {
  readonly events: readonly JournalEvent[];
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * The journal in `<folder>/journal.jsonl`, made when it is not there. One process at a time may have it open.
 * @throws LTX_JOURNAL_CORRUPT on damage before the tail, LTX_STORE_UNAVAILABLE when the file cannot be read or made.
 */
export async function openJournal(
  folder: string,
  openFile: (path: string) => Promise<JournalFile> = openJournalFile,
): Promise<Journal> {
  const path = join(folder, 'journal.jsonl');
  const content = await contentOf(path);
  const { size, nextSeq } = intact(path, content);
  try {
    const file = await openFile(path);
    if (size < content.length) await file.truncate(size);
    return new DiskJournal(path, file, nextSeq);
  } catch (cause) {
    throw storeError('open the journal', path, cause);
  }
}

/**
 * Appends wait in a queue while a write is under way; the next write takes all of them. Written is acknowledged: it
 * survives our death; the disk is told within half a second. Once a write or a sync failed nobody knows what the file
 * holds: every append is refused from then on.
 */
class DiskJournal implements Journal {
  readonly #path: string;
  readonly #file: JournalFile;
  readonly #lazySync: LazySync;
  #nextSeq: number;
  #queue: Append[] = [];
  #writing: Promise<void> | undefined;
  #failure: LightexError | undefined;
  #closed = false;

  constructor(path: string, file: JournalFile, nextSeq: number) {
    this.#path = path;
    this.#file = file;
    this.#lazySync = new LazySync(() => file.sync());
    this.#nextSeq = nextSeq;
  }

  append(events: readonly JournalEvent[]): Promise<void> {
    if (this.#closed)
      return Promise.reject(new LightexError('LTX_INTERNAL', `${this.#path} is closed`));
    if (events.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ events, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  async replay(): Promise<readonly JournalEvent[]> {
    await this.#writing;
    const { events } = intact(this.#path, await contentOf(this.#path));
    return events.map((text): JournalEvent => JSON.parse(text));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#lazySync.flush();
    await this.#file.close();
  }

  async #write(): Promise<void> {
    // What is asked for in this turn of the event loop goes into one write.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#writeBatch(batch);
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Append[]): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const lines = batch.map(({ events }) => {
        const text = journalLines(events, this.#nextSeq);
        this.#nextSeq += events.length;
        return text;
      });
      await this.#file.append(Buffer.from(lines.join('')));
      this.#lazySync.wrote();
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      this.#failure ??= storeError('write the journal', this.#path, cause);
      for (const { reject } of batch) reject(this.#failure);
    }
  }
}

function intact(path: string, content: Buffer): ReturnType<typeof readJournal> {
  const journal = readJournal(content);
  if (journal.damagedLine === undefined) return journal;
  throw new LightexError(
    'LTX_JOURNAL_CORRUPT',
    `${path}:${journal.damagedLine}: this line is damaged, and intact ones follow it`,
    {
      hint:
        `Keep a copy of the file and bring it back from a backup, or cut it before that line ` +
        `(head -n ${journal.damagedLine - 1}): runs that are forgotten by this are found in the store, or started again`,
    },
  );
}

async function contentOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (isErrno(cause, 'ENOENT')) return Buffer.alloc(0);
    throw storeError('read the journal', path, cause);
  }
}
