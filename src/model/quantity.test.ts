import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, formatDuration, parseBytes, parseDuration } from './quantity.ts';

test.each([
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
])('%s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  ['512Mi', 536_870_912],
  ['4G', 4e9],
  ['1000', 1000],
  ['1.5Ki', 1536],
])('%s is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', '10', '5 m', 'h', '-1s', '1h30', '1x'])('"%s" is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow(/is not a duration/);
});

test.each(['', '4gb', '-1', '1 Gi', '1e3'])('"%s" is no amount of memory', (text) => {
  expect(() => parseBytes(text)).toThrow(/is not an amount of memory/);
});

test('durations are shown in at most two units', () => {
  expect([0, 850, 12_340, 59_960, 245_000, 7_620_000, 273_600_000].map(formatDuration)).toEqual([
    '0ms',
    '850ms',
    '12.3s',
    '1m00s',
    '4m05s',
    '2h07m',
    '3d04h',
  ]);
});

test('whole binary amounts survive being shown and read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1023 }),
      fc.constantFrom('Ki', 'Mi', 'Gi', 'Ti'),
      (amount, unit) => {
        expect(formatBytes(parseBytes(`${amount}${unit}`))).toBe(`${amount}${unit}`);
      },
    ),
  );
});
