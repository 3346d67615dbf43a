/** What the address of a list of runs asks for. */

import { RUN_SORTS, type RunFilter, type RunSort } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';

type Query = Readonly<Record<string, unknown>>;

const MAX_PAGE = 1_000_000;

/** One parameter's text, empty where it is not given. @throws LTX_USAGE when it is given twice */
export function textIn(query: Query, name: string): string {
  const value = query[name];
  if (value === undefined) return '';
  if (typeof value === 'string') return value.trim();
  throw new LightexError('LTX_USAGE', `"${name}" is given more than once`);
}

/** A whole number from 1 to `max`. @throws LTX_USAGE */
export function wholeIn(query: Query, name: string, initial: number, max: number): number {
  const text = textIn(query, name);
  const value = text === '' ? initial : Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return value;
  throw new LightexError(
    'LTX_USAGE',
    `"${name}" must be a whole number from 1 to ${max}, not "${text}"`,
  );
}

/** The filter, newest runs first where no order is asked for. @throws LTX_USAGE */
export function readFilter(query: Query): RunFilter {
  const sort = textIn(query, 'sort') || '-queued_at';
  const column = sort.replace(/^-/, '');
  if (!isSort(column)) {
    throw new LightexError('LTX_USAGE', `runs cannot be sorted by "${column}"`, {
      hint: `They can by ${RUN_SORTS.join(', ')}, with a minus before it for descending`,
    });
  }
  return {
    experiment: textIn(query, 'experiment'),
    status: textIn(query, 'status'),
    where: textIn(query, 'where'),
    sort: column,
    descending: sort.startsWith('-'),
    page: wholeIn(query, 'page', 1, MAX_PAGE),
  };
}

/** The parameters that make this filter, without those that say what holds anyway. */
export function parametersOf(filter: RunFilter): Readonly<Record<string, string>> {
  const sort = `${filter.descending ? '-' : ''}${filter.sort}`;
  return {
    experiment: filter.experiment,
    status: filter.status,
    where: filter.where,
    sort: sort === '-queued_at' ? '' : sort,
    page: filter.page === 1 ? '' : String(filter.page),
  };
}

function isSort(name: string): name is RunSort {
  return (RUN_SORTS as readonly string[]).includes(name);
}
