import { expect, test } from 'vitest';
import {
  counted,
  formatNumber,
  formatSample,
  formatSeconds,
  formatShort,
  formatTime,
  formatValue,
} from './format.ts';
import { describe } from './stats.ts';

test('numbers have four significant digits and an exponent only where it helps', () => {
  const written = [0.93944, 12.3456, 8, 12345, 1e-4, 0.05, 0, 3.5e9, -2.5].map((value) =>
    formatNumber(value),
  );

  expect(written).toEqual([
    '0.9394',
    '12.35',
    '8',
    '12,345',
    '1e-4',
    '0.05000',
    '0',
    '3.5e9',
    '−2.500',
  ]);
});

test('the shortest form has no zeros at the end, and loses none that count', () => {
  const written = [0.01, 0.1, 1.5, 1234.5678, 12.3456, 100, 12_345, 1e-7, 3.51e20, -2.5, 0, null];

  expect(written.map((value) => formatShort(value))).toEqual([
    '0.01',
    '0.1',
    '1.5',
    '1235',
    '12.35',
    '100',
    '12,345',
    '1e-7',
    '3.51e20',
    '−2.5',
    '0',
    '–',
  ]);
  expect(formatShort(2.5, 3)).toBe('2.5');
  expect(formatShort('100')).toBe('100');
});

test('what is missing is a dash, and a number that is none keeps its name', () => {
  expect(formatNumber(null)).toBe('–');
  expect(formatNumber(undefined)).toBe('–');
  expect(formatNumber('NaN')).toBe('NaN');
  expect(formatValue(null)).toBe('–');
  expect(formatTime(null)).toBe('–');
});

test('the spread has the decimals of its mean', () => {
  expect(formatSample(describe([0.937, 0.942]))).toEqual({ mean: '0.9395', sd: '0.0035' });
  expect(formatSample(describe([101, 103]))).toEqual({ mean: '102.0', sd: '1.4' });
  expect(formatSample(describe([2]))).toEqual({ mean: '2', sd: undefined });
  expect(formatSample(describe([1, 1 + 1e-9]))).toEqual({ mean: '1.000', sd: '7.1e-10' });
});

test('durations choose their unit', () => {
  expect(formatSeconds(12.34)).toEqual({ value: '12.3', unit: 's' });
  expect(formatSeconds(600)).toEqual({ value: '10.0', unit: 'min' });
  expect(formatSeconds(36_000)).toEqual({ value: '10.0', unit: 'h' });
  expect(formatSeconds(null)).toEqual({ value: '–', unit: '' });
});

test('times and counts are written for people', () => {
  expect(formatTime('2026-11-23T23:10:05Z')).toBe('2026-11-23 23:10 UTC');
  expect(counted(1, 'run')).toBe('1 run');
  expect(counted(12_345, 'run')).toBe('12,345 runs');
});
