import { expect, test } from 'vitest';
import { curveChart, stripChart } from './charts.ts';
import type { Comparison } from './configurations.ts';

const SIZE = { width: 300, height: 200 };

function curve(group: number, means: readonly number[]) {
  const points = means.map((mean, x) => ({ x, mean, sd: 0.1, low: mean - 1, high: mean + 1 }));
  return { group, runs: 2, logged: means.length, points };
}

/** A comparison whose runs have these values of `lr` and this objective, one configuration each. */
function comparison(values: readonly (readonly [string, number])[]): Comparison {
  const configurations = values.map(([lr, objective], index) => ({
    index,
    rank: index + 1,
    label: '',
    values: { lr },
    runs: [{ params: { lr }, objective, status: 'succeeded' }],
  }));
  return { configurations } as unknown as Comparison;
}

function strip(values: readonly (readonly [string, number])[], scale?: 'linear' | 'log') {
  return stripChart(comparison(values), { key: 'lr', scale }, 'minimize', SIZE);
}

test('the range of curves is that of the coloured ones after their first part', () => {
  const falling = [100, ...new Array<number>(30).fill(1)];

  const text = JSON.stringify(curveChart([curve(0, falling), curve(9, [50])], true, SIZE));

  expect(text).toContain('"domain":[0.884,1.116]');
});

test('only buckets of several steps have the faint area of extremes', () => {
  const layers = (bucketed: boolean) => curveChart([curve(0, [1, 2])], bucketed, SIZE).layer;

  expect(layers(true)).toHaveLength(4);
  expect(layers(false)).toHaveLength(3);
});

test('a few values get a column each in numeric order, many get an axis by their range', () => {
  const axisOf = (chart: ReturnType<typeof strip>) => JSON.stringify(chart?.spec);
  const many = Array.from({ length: 20 }, (_, i) => [`${10 ** (i / 4)}`, 1] as const);

  expect(
    axisOf(
      strip([
        ['10', 1],
        ['9', 2],
      ]),
    ),
  ).toContain('"domain":["9","10"]');
  expect(axisOf(strip(many))).toContain('"type":"log"');
  expect(axisOf(strip(many, 'linear'))).toContain('"type":"linear"');
});

test('few values on an axis by size are scattered around their place, with room at both ends', () => {
  const runs = ['0.01', '0.1', '1'].flatMap((lr) => [lr, lr, lr].map((one) => [one, 1] as const));

  const chart = strip(runs, 'log');

  const [points, medians] = (chart?.spec.layer ?? []) as {
    data: { values: { x: number }[] };
    encoding: { x: { scale: { domain: number[] } } };
  }[];
  const places = points?.data.values.map(({ x }) => x) ?? [];
  const [low = 0, high = 0] = points?.encoding.x.scale.domain ?? [];
  expect(new Set(places).size).toBe(9);
  expect(low).toBeLessThan(Math.min(...places) / 1.2);
  expect(high).toBeGreaterThan(Math.max(...places) * 1.2);
  expect(medians?.data.values.map(({ x }) => x)).toEqual([0.01, 0.1, 1]);
});

test('far outliers on the bad side are left out, and counted', () => {
  const close = Array.from({ length: 20 }, (_, i) => ['1', 1 + i / 100] as const);

  expect(strip([...close, ['1', 1e6]])?.notes).toEqual([
    '1 of 21 runs lie outside the drawn range.',
  ]);
  expect(strip([])).toBeUndefined();
});
