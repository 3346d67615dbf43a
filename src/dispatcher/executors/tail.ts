import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { OutputLine } from '../../model/job.ts';
import { isErrno } from '../../platform/files.ts';

const CHUNK_BYTES = 256 * 1024;
/** A line is passed on up to here; the rest of it stays in the file, which is kept whole. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;

/** Reads a growing file line by line from an offset on. */
export class Tail {
  readonly #path: string;
  readonly #source: OutputLine['source'];
  #position: number;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #file: FileHandle | undefined;

  constructor(path: string, source: OutputLine['source'], offset: number) {
    this.#path = path;
    this.#source = source;
    this.#position = offset;
  }

  /** The next whole lines, none only at the end of what is there; with `isLast` an unfinished line counts as one. */
  async next(isLast: boolean): Promise<readonly OutputLine[]> {
    for (;;) {
      const chunk = await this.#read();
      const lines = this.#linesIn(chunk);
      if (isLast && chunk.length === 0 && this.#partialBytes > 0)
        lines.push(this.#line(Buffer.alloc(0), this.#position));
      // A chunk in the middle of a long line has no line, and is not the end.
      if (lines.length > 0 || chunk.length === 0) return lines;
    }
  }

  #linesIn(chunk: Buffer): OutputLine[] {
    const lines: OutputLine[] = [];
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      lines.push(this.#line(chunk.subarray(from, end), this.#position - chunk.length + end + 1));
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
    return lines;
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #read(): Promise<Buffer> {
    try {
      this.#file ??= await openFile(this.#path);
    } catch (cause) {
      if (isErrno(cause, 'ENOENT')) return Buffer.alloc(0); // nothing was logged yet
      throw cause;
    }
    if (this.#file === undefined) return Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await this.#file.read(buffer, 0, CHUNK_BYTES, this.#position);
    this.#position += bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  #keep(rest: Buffer): void {
    this.#partialBytes += rest.length;
    if (this.#partialBytes <= MAX_LINE_BYTES + CHUNK_BYTES && rest.length > 0)
      this.#partial.push(rest);
  }

  #line(end: Buffer, offset: number): OutputLine {
    const bytes = this.#partialBytes === 0 ? end : Buffer.concat([...this.#partial, end]);
    this.#partial = [];
    this.#partialBytes = 0;
    const line = bytes.subarray(0, MAX_LINE_BYTES).toString().replace(/\r$/, '');
    return { rank: 0, source: this.#source, line, offset };
  }
}

/** Undefined for what is no plain file: a job may put a folder there, or a pipe, at which opening and reading would wait. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}
