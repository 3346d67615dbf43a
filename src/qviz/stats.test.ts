import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describe, quantile } from './stats.ts';

const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2 });

test('values that are no finite numbers are missing, and counted', () => {
  const sample = describe([1, 3, 'NaN', null, undefined, 'Infinity']);

  expect(sample).toEqual({ n: 2, missing: 4, mean: 2, sd: Math.SQRT2 });
});

test('one value has a mean and no spread, none has neither', () => {
  expect(describe([5])).toEqual({ n: 1, missing: 0, mean: 5, sd: undefined });
  expect(describe([])).toEqual({ n: 0, missing: 0, mean: undefined, sd: undefined });
});

test('equal values have no spread at all', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
      expect(describe([value, value, value])).toMatchObject({ mean: value + 0, sd: 0 });
    }),
  );
});

test('the mean lies between the extremes and the spread is never negative', () => {
  fc.assert(
    fc.property(numbers, (values) => {
      const { mean = Number.NaN, sd = Number.NaN } = describe(values);

      expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
      expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      expect(sd).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('an offset moves the mean and leaves the spread', () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: -1000, max: 1000 }), (values, offset) => {
      const here = describe(values);
      const there = describe(values.map((value) => value + offset));

      expect((there.mean ?? 0) - (here.mean ?? 0)).toBeCloseTo(offset, 6);
      expect(there.sd).toBeCloseTo(here.sd ?? 0, 5);
    }),
  );
});

test('a quantile lies between the extremes and grows with its share', () => {
  fc.assert(
    fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const at = quantile(values, q) ?? Number.NaN;

      expect(at).toBeGreaterThanOrEqual(Math.min(...values));
      expect(at).toBeLessThanOrEqual(Math.max(...values));
      expect(quantile(values, 1)).toBeGreaterThanOrEqual(at);
    }),
  );
  expect(quantile([], 0.5)).toBeUndefined();
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});
