import { LightexError } from '../model/errors.ts';
import type { Json } from '../model/experiment.ts';
import type { QueryLimits, QueryResult } from '../ports/store.ts';
import { openRunQuery } from '../store/disk/query.ts';
import { objectsOf, QUERY_LIMITS } from './answers.ts';
import type { Statements } from './pages-sql.ts';

export type Row = Readonly<Record<string, Json>>;
export type Answers<Name extends string> = Readonly<Record<Name, QueryResult>>;

/** Asks the history everything that one page needs, in one process. */
export interface PageQueries {
  ask<Name extends string>(
    statements: Statements<Name>,
    limits?: QueryLimits,
  ): Promise<Answers<Name>>;
}

/** Each call is a process that may use much: others wait for their turn. */
const AT_ONCE = 2;

/** The questions of a server to one store. */
export function openPageQueries(store: string): PageQueries {
  const query = openRunQuery(store);
  const takeTurn = turns(AT_ONCE);
  return {
    async ask<Name extends string>(statements: Statements<Name>, limits = QUERY_LIMITS) {
      const names = Object.keys(statements) as Name[];
      const results = await takeTurn(() =>
        query.query(
          names.map((name) => statements[name]),
          limits,
        ),
      );
      return Object.fromEntries(names.map((name, i) => [name, results[i]])) as Answers<Name>;
    },
  };
}

/** The rows of an answer. @throws the answer's error: LTX_SQL_REFUSED, LTX_SQL_FAILED, LTX_SQL_LIMIT */
export function rowsOf(answer: QueryResult): readonly Row[] {
  if ('table' in answer) return objectsOf(answer.table);
  throw new LightexError(answer.error.code, answer.error.message);
}

/** Lets so many calls run at a time, the others in the order in which they came. */
function turns(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = places;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place passes from hand to hand, so that nobody who comes now overtakes.
      if (next === undefined) free += 1;
      else next();
    }
  };
}
