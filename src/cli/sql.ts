import { objectsOf, QUERY_LIMITS, tables } from '../app/answers.ts';
import { findStore } from '../app/find-store.ts';
import { LightexError } from '../model/errors.ts';
import type { Table } from '../model/event.ts';
import type { Json } from '../model/experiment.ts';
import { parseDuration } from '../model/quantity.ts';
import { cell, print, printJson, say, table } from './output.ts';
import type { Verb } from './verbs.ts';

type Format = 'table' | 'json' | 'ndjson' | 'csv';

const PRINT: Readonly<Record<Format, (answer: Table) => void>> = {
  table: ({ columns, rows }) =>
    print(
      table(
        columns.map(({ name }) => name),
        rows.map((row) => row.map(cell)),
      ),
    ),
  json: (answer) => printJson(objectsOf(answer)),
  ndjson: (answer) =>
    print(
      objectsOf(answer)
        .map((row) => JSON.stringify(row))
        .join('\n'),
    ),
  csv: ({ columns, rows }) =>
    print(
      [columns.map(({ name }) => name), ...rows]
        .map((row) => row.map(csvCell).join(','))
        .join('\n'),
    ),
};

/** One SELECT over the views; a note on standard error when rows were left out. */
export const run: Verb = async ([query = ''], options) => {
  const format = options.json === true ? 'json' : String(options.format);
  if (!Object.hasOwn(PRINT, format)) {
    throw new LightexError('LTX_USAGE', `"${format}" is not a format`, {
      hint: `Formats: ${Object.keys(PRINT).join(', ')}`,
    });
  }
  const { store } = await findStore(process.cwd());
  const limits = {
    ...QUERY_LIMITS,
    maxRows: positive(options.limit),
    timeoutMs: parseDuration(String(options.timeout)),
  };
  const [answer] = await tables(store, [query], limits);
  if (answer === undefined) return 0;
  PRINT[format as Format](answer);
  if (answer.truncated)
    say(`only the first ${answer.rows.length} rows; ask for more with --limit, or aggregate`);
  return 0;
};

/** A whole number above 0. @throws LTX_USAGE */
export function positive(text: unknown): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new LightexError('LTX_USAGE', `"${text}" is not a whole number above 0`);
}

/** RFC 4180; nothing for null. */
function csvCell(value: Json): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
