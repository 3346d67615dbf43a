import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Curve } from './curve.ts';

const minimise = { metric: 'loss', goal: 'minimize', of: 'best' } as const;

function summaryOf(points: readonly (readonly [value: number, step: number])[], goal = minimise) {
  const curve = new Curve('loss', goal);
  for (const [t, [value, step]] of points.entries()) curve.add(value, step, t);
  return curve.summary();
}

test('the summary of a curve names its last, least, greatest and best value', () => {
  const summary = summaryOf([
    [3, 0],
    [1, 1],
    [2, 2],
  ]);

  expect(summary).toEqual({
    key: 'loss',
    last: 2,
    min: 1,
    max: 3,
    best: 1,
    argbest_step: 1,
    first_step: 0,
    last_step: 2,
    count: 3,
    nonfinite: 0,
  });
});

test('the last value is that of the highest step, and of several there the latest', () => {
  const summary = summaryOf([
    [1, 5],
    [2, 5],
    [9, 3],
  ]);

  expect(summary).toMatchObject({ last: 2, last_step: 5, first_step: 3 });
});

test('values that are not finite are counted and nothing else', () => {
  const summary = summaryOf([
    [Number.NaN, 0],
    [1, 1],
    [Number.POSITIVE_INFINITY, 2],
  ]);

  expect(summary).toMatchObject({
    last: 1,
    max: 1,
    best: 1,
    first_step: 0,
    count: 1,
    nonfinite: 2,
  });
});

test('a curve without a finite value has no values', () => {
  expect(summaryOf([[Number.NaN, 0]])).toMatchObject({
    last: null,
    min: null,
    max: null,
    best: null,
  });
});

test('only the metric of the objective has a best value', () => {
  const curve = new Curve('acc', minimise);

  curve.add(1, 0, 0);

  expect(curve.summary()).toMatchObject({ best: null, argbest_step: null });
});

test('the order in which steps arrive does not matter', () => {
  const points = fc.uniqueArray(fc.tuple(fc.double(), fc.nat(50)), {
    selector: ([, step]) => step,
  });
  fc.assert(
    fc.property(points, (some) => {
      const sorted = some.toSorted(([, one], [, other]) => one - other);
      expect(summaryOf(some)).toEqual(summaryOf(sorted));
    }),
  );
});
