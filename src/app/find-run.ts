import { LightexError } from '../model/errors.ts';
import type { Json } from '../model/experiment.ts';
import { objectsOf, tables } from './answers.ts';

export type RunRow = Readonly<Record<string, Json>>;

/** A SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The rows of the view runs whose ids begin so, one for each beginning, in order. @throws LTX_NOT_FOUND, LTX_AMBIGUOUS */
export async function findRuns(
  store: string,
  prefixes: readonly string[],
): Promise<readonly RunRow[]> {
  const select = (prefix: string) =>
    `SELECT * FROM runs WHERE starts_with(run_id, ${literal(prefix)}) ORDER BY run_id LIMIT 20`;
  const found = await tables(store, prefixes.map(select));
  return prefixes.map((prefix, index) => {
    const table = found[index];
    return onlyOne(prefix, table === undefined ? [] : objectsOf(table));
  });
}

function onlyOne(prefix: string, rows: readonly RunRow[]): RunRow {
  const [row] = rows;
  if (row === undefined) {
    throw new LightexError('LTX_NOT_FOUND', `no run's id begins with "${prefix}"`, {
      hint: 'See the runs with: lightex runs',
    });
  }
  if (rows.length === 1 || row.run_id === prefix) return row;
  const some = rows.slice(0, 5).map(({ run_id }) => run_id);
  const more = rows.length > some.length ? ', …' : '';
  throw new LightexError(
    'LTX_AMBIGUOUS',
    `several runs' ids begin with "${prefix}": ${some.join(', ')}${more}`,
    {
      hint: 'Write more of the id',
    },
  );
}
