import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../model/experiment.ts';
import { CHART_ROWS, completeChart } from './user-chart.ts';

const BARS = { mark: 'bar', encoding: { x: { field: 'lr' }, color: { field: 'lr' } } };

function rows(...values: readonly Json[]) {
  return {
    columns: [{ name: 'lr', type: 'DOUBLE' }],
    rows: values.map((value) => [value]),
    truncated: false,
  };
}

test('the answer becomes the data, our looks lie under the author’s', () => {
  const { spec } = completeChart({ ...BARS, width: 'container', config: { font: 'x' } }, rows(1));

  expect(spec).toMatchObject({
    width: 1224,
    height: 320,
    data: { values: [{ lr: 1 }] },
    config: { font: 'x', background: null },
  });
});

test.each<[string, JsonObject]>([
  ['the rows of "sql" are the data', { ...BARS, data: { values: [] } }],
  ['a report loads nothing', { ...BARS, layer: [{ data: { url: 'http://x' } }] }],
  ['"image" is not drawn', { mark: { type: 'image' } }],
  ['"fog" is not drawn', { layer: [{ mark: 'fog' }] }],
  ['links start with', { mark: { type: 'bar', href: 'javascript:alert(1)' } }],
  ['links start with', { mark: 'bar', encoding: { href: { value: 'data:text/html,x' } } }],
])('refused: %s', (message, spec) => {
  expect(() => completeChart(spec, rows(1))).toThrow(message);
});

test('a chart is as wide as the page and as high as its names need, unless it says so itself', () => {
  const names = { mark: 'bar', encoding: { y: { field: 'lr', type: 'nominal' } } };
  const many = rows(...Array.from({ length: 30 }, (_, i) => i));

  expect(completeChart(names, many).spec).toMatchObject({ width: 1224, height: 660 });
  expect(completeChart({ ...names, width: 300, height: 90 }, many).spec).toMatchObject({
    width: 300,
    height: 90,
    config: { axisY: { domain: false, labelLimit: 120 } },
  });
  expect(completeChart({ hconcat: [names] }, many).spec).not.toHaveProperty('width');
  const facets = { ...names, encoding: { ...names.encoding, column: { field: 'lr' } } };
  expect(completeChart(facets, many).spec).not.toHaveProperty('width');
});

test('too many rows are work for SQL', () => {
  const many = rows(...new Array<Json>(CHART_ROWS + 1).fill(1));

  expect(() => completeChart(BARS, many)).toThrow('aggregate in SQL');
  expect(() => completeChart(BARS, { ...rows(1), truncated: true })).toThrow('aggregate in SQL');
});

test('too many colours and values that are no numbers are said', () => {
  const { spec, notes } = completeChart(BARS, rows(1, 2, 3, 4, 5, 6, 'NaN'));

  expect(notes).toEqual([
    '"lr" has 7 values: more than 6 colours are hard to tell apart.',
    '1 NaN or infinite value is not drawn.',
  ]);
  expect(spec.data).toMatchObject({ values: expect.arrayContaining([{ lr: null }]) });
});

test('a field that no column has is said, unless a transform may make it', () => {
  const spec = { mark: 'bar', encoding: { x: { field: 'rate' } } };

  expect(completeChart(spec, rows(1)).notes).toEqual(['"rate" is not a column of the query (lr).']);
  expect(completeChart({ ...spec, transform: [] }, rows(1)).notes).toEqual([]);
});
