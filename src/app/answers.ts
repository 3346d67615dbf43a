import { LightexError } from '../model/errors.ts';
import type { Table } from '../model/event.ts';
import type { Json } from '../model/experiment.ts';
import type { QueryLimits, RunQuery } from '../ports/store.ts';
import { openRunQuery } from '../store/disk/query.ts';

/** For the tool's own questions and, unless they say otherwise, for people's. */
export const QUERY_LIMITS: QueryLimits = {
  maxRows: 10_000,
  timeoutMs: 30_000,
  memoryBytes: 2 * 2 ** 30,
};

const VIEWS_HINT =
  'The views and their columns: lightex sql "SHOW TABLES", lightex sql "DESCRIBE runs"';
const LIMIT_HINT = 'Aggregate in SQL, or give it longer: lightex sql --timeout 2m';

/** The tables of the statements. @throws the first error: LTX_SQL_REFUSED, LTX_SQL_FAILED, LTX_SQL_LIMIT */
export async function tables(
  store: string,
  statements: readonly string[],
  limits: QueryLimits = QUERY_LIMITS,
): Promise<readonly Table[]> {
  const query: RunQuery = openRunQuery(store);
  const answers = await query.query(statements, limits);
  return answers.map((answer) => {
    if ('table' in answer) return answer.table;
    throw new LightexError(answer.error.code, answer.error.message, {
      hint: answer.error.code === 'LTX_SQL_LIMIT' ? LIMIT_HINT : VIEWS_HINT,
    });
  });
}

/** A table's rows as objects by column. */
export function objectsOf(table: Table): readonly Readonly<Record<string, Json>>[] {
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map(({ name }, index) => [name, row[index] ?? null])),
  );
}
