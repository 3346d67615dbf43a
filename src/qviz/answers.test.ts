import { expect, test } from 'vitest';
import { numberOf, rowsOf, tableOf, textOf } from './answers.ts';

const ANSWERS = new Map([
  ['runs', { table: { columns: [{ name: 'n', type: 'BIGINT' }], rows: [[3]], truncated: false } }],
  ['bad', { error: { code: 'LTX_SQL_FAILED', message: 'no column "x"' } as const }],
]);

test('rows are objects by column, and a query that failed has none', () => {
  expect(rowsOf(ANSWERS, 'runs')).toEqual([{ n: 3 }]);
  expect(rowsOf(ANSWERS, 'bad')).toEqual([]);
  expect(() => tableOf(ANSWERS, 'bad')).toThrow('no column "x"');
  expect(() => tableOf(ANSWERS, 'other')).toThrow('no answer to "other"');
});

test('what is no finite number is missing', () => {
  expect([numberOf(1), numberOf('NaN'), numberOf(null)]).toEqual([1, undefined, undefined]);
  expect([textOf(null), textOf('x'), textOf(3)]).toEqual(['', 'x', '3']);
});
