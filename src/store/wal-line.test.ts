import { expect, test } from 'vitest';
import type { UnixMs } from '../model/experiment.ts';
import { RunLog } from './run-log.ts';
import { parseWalLine, toJson, toLines } from './wal-line.ts';

const now = 9 as UnixMs;
const none = () => 0;

test('a record without a step takes the number of earlier points of each key', () => {
  const earlier = (key: string) => (key === 'loss' ? 2 : 0);

  const lines = toLines([{ metrics: { loss: 1, acc: 2 } }, { metrics: { loss: 3 } }], earlier, now);

  expect(lines).toEqual([
    { t: 9, step: 2, m: { loss: 1 } },
    { t: 9, step: 0, m: { acc: 2 } },
    { t: 9, step: 3, m: { loss: 3 } },
  ]);
});

test('points with a step count for those that follow without one', () => {
  const lines = toLines([{ metrics: { loss: 1 }, step: 70 }, { metrics: { loss: 2 } }], none, now);

  expect(lines).toMatchObject([{ step: 70 }, { step: 1 }]);
});

test('numbers that JSON lacks are written as the strings of the protocol', () => {
  const metrics = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY };

  const [line] = toLines([{ metrics, step: 0 }], none, now);

  expect(line).toEqual({ t: 9, step: 0, m: { a: 'NaN', b: 'Infinity', c: '-Infinity' } });
});

test('an artifact keeps the step of its record', () => {
  const lines = toLines([{ artifact: { path: 'x' }, step: 3 }], none, now);

  expect(lines).toEqual([{ artifact: { path: 'x', step: 3 } }]);
});

test('half a surrogate pair becomes U+FFFD, and text that only looks like one stays', () => {
  const value = { a: '\ud800', b: '\\ud800', c: '😀' };

  const parsed = JSON.parse(toJson(value));

  expect(parsed).toEqual({ a: '\ufffd', b: '\\ud800', c: '😀' });
});

test('a torn line is none', () => {
  expect(parseWalLine('{"t":1,"st')).toBeUndefined();
});

test('a log is the fold of its lines, the last word on each name counting', () => {
  const log = new RunLog({ metric: 'loss', goal: 'minimize', of: 'last' });
  const records = [
    { metrics: { loss: 2 }, params: { lr: 1 }, tags: { a: 'x' } },
    { metrics: { loss: 1 }, params: { lr: 2 }, summary: { note: 'y' }, progress: 0.5 },
    { artifact: { path: 'm', name: 'one' } },
    { artifact: { path: 'm', name: 'two' } },
  ];

  for (const line of toLines(records, none, now)) log.apply(line);
  log.apply({ o: [{ rank: 0, source: 'log', bytes: 7 }], invalid: 1 });

  expect(log).toMatchObject({
    points: 2,
    params: { lr: 2 },
    tags: { a: 'x' },
    summary: { note: 'y' },
    progress: 0.5,
    artifacts: [{ path: 'm', name: 'two' }],
    state: { offsets: [{ rank: 0, source: 'log', bytes: 7 }], invalidLines: 1 },
  });
  expect(log.metrics).toMatchObject([{ key: 'loss', last: 1, count: 2 }]);
});
