/** Answers of the store, as the blocks read them. */

import { type ErrorCode, LightexError } from '../model/errors.ts';
import type { Table } from '../model/event.ts';
import type { Json } from '../model/experiment.ts';

/** A table, or why there is none: what the port RunQuery answers to one statement. */
export type Answer =
  | { readonly table: Table }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } };
/** By the name of the query. */
export type Answers = ReadonlyMap<string, Answer>;
export type Row = Readonly<Record<string, Json>>;

/** The table of a query. @throws the code of its error, or LTX_INTERNAL when it was never asked. */
export function tableOf(answers: Answers, name: string): Table {
  const answer = answers.get(name);
  if (answer === undefined) throw new LightexError('LTX_INTERNAL', `no answer to "${name}"`);
  if ('error' in answer) throw new LightexError(answer.error.code, answer.error.message);
  return answer.table;
}

/** The rows of a query by column; none when it failed or was not asked (the page shows the error elsewhere). */
export function rowsOf(answers: Answers, name: string): readonly Row[] {
  const answer = answers.get(name);
  return answer !== undefined && 'table' in answer ? toRows(answer.table) : [];
}

/** Each row as an object by column name. */
export function toRows(table: Table): readonly Row[] {
  return table.rows.map((cells) =>
    Object.fromEntries(table.columns.map(({ name }, i) => [name, cells[i] ?? null])),
  );
}

/** The cell as text; empty when it is missing. */
export function textOf(value: Json | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

/** The cell as a finite number; undefined when it is missing, NaN or infinite. */
export function numberOf(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
