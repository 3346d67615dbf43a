/** What went wrong with a query, for the one who wrote it. */

import type { ErrorCode } from '../../model/errors.ts';
import { VIEW_NAMES } from '../views.ts';

/** The statement asks for what it must not have; the message is for its author. */
export class Refusal extends Error {}

/** The answer is larger than what one call may get. */
export class TooLarge extends Error {
  override readonly message = 'the answer is larger than 64 MiB: aggregate in SQL, or add a LIMIT';
}

const MESSAGE_LINES = 6;

/** DuckDB's own words, shortened, with the code that says whose limit or rule it was. */
export function explain(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  const message = messageOf(error);
  if (error instanceof Refusal) return { code: 'LTX_SQL_REFUSED', message };
  if (error instanceof TooLarge) return { code: 'LTX_SQL_LIMIT', message };
  if (message.includes('Permission Error'))
    return {
      code: 'LTX_SQL_REFUSED',
      message: `only the store can be read: ${firstLines(message, 1)}`,
    };
  if (/Out of Memory Error|bad_alloc|Allocation failure/.test(message))
    return {
      code: 'LTX_SQL_LIMIT',
      message: `the query needs more memory than it may use: ${firstLines(message, 1)}`,
    };
  if (/Table with name .* does not exist/.test(message))
    return {
      code: 'LTX_SQL_FAILED',
      message: `${firstLines(message, 1)} The views are ${VIEW_NAMES.join(', ')}.`,
    };
  return { code: 'LTX_SQL_FAILED', message: firstLines(message, MESSAGE_LINES) };
}

/** True when a file was removed between the moment when it was listed and the one when it was read. */
export function isVanished(error: unknown): boolean {
  return /No files found that match|No such file or directory/.test(messageOf(error));
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Failed to extract statements: /, '');
}

function firstLines(text: string, count: number): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, count).join('\n');
}
