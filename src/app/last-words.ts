import { open } from 'node:fs/promises';
import { OUTPUT_MARK } from '../mulogger/protocol.ts';
import { isErrno } from '../platform/files.ts';

const END_BYTES = 4096;
const MAX_CHARS = 300;

/** The last line that a program printed, shortened: what a failed one most often explains itself by. '' when it said nothing. */
export async function lastWords(outputFile: string): Promise<string> {
  try {
    const file = await open(outputFile, 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - END_BYTES);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(END_BYTES), 0, END_BYTES, from);
      const lines = buffer
        .subarray(0, bytesRead)
        .toString()
        .split('\n')
        .map((line) => line.trim());
      return (lines.findLast((line) => line !== '' && !line.startsWith(OUTPUT_MARK)) ?? '').slice(
        0,
        MAX_CHARS,
      );
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isErrno(cause, 'ENOENT') || isErrno(cause, 'EISDIR')) return '';
    throw cause;
  }
}
