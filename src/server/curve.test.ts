import { expect, test } from 'vitest';
import { curveSvg } from './curve.ts';

const bucket = (step: number, last: number, low = last, high = last) => ({ step, last, low, high });

test('no bucket gives no picture', () => {
  expect(curveSvg([])).toBeUndefined();
});

test('the line goes from corner to corner, over a band where buckets have a spread', () => {
  const plain = String(curveSvg([bucket(0, 0), bucket(10, 1)]));
  const spread = String(curveSvg([bucket(0, 0), bucket(10, 0.5, 0, 1)]));

  expect(plain).toContain('d="M56 146L388 8"');
  expect(plain).not.toContain('fill-opacity');
  expect(spread).toContain('d="M56 146L388 8L388 146L56 146Z"');
});

test('labels are round numbers within the range', () => {
  const labels = [
    ...String(curveSvg([bucket(0, 0.013), bucket(97, 0.987)])).matchAll(/>([^<>]+)<\/text>/g),
  ];

  expect(labels.map(([, text]) => text)).toEqual(['0.5', '0', '50']);
});

test.each([
  ['one point', [bucket(3, 7)]],
  ['a constant', [bucket(0, 5), bucket(9, 5)]],
  ['the largest numbers', [bucket(0, -1.7e308), bucket(1, 1.7e308)]],
  ['the smallest numbers', [bucket(0, 5e-324), bucket(1, 1e-323)]],
  ['steps beyond what is exact', [bucket(-9e18, 1), bucket(9e18, 2)]],
])('%s gives places that are numbers', (_name, buckets) => {
  expect(String(curveSvg(buckets))).not.toMatch(/NaN|Infinity/);
});
