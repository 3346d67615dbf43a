import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UnixMs } from '../model/experiment.ts';
import type { OutputLine } from '../model/job.ts';
import { readBatch } from './collect.ts';
import { parseLine } from './protocol.ts';

const log = (line: string) => parseLine({ source: 'log', line });

test('a line of metrics carries its step and time in milliseconds', () => {
  expect(log('{"metrics":{"val/loss":0.41},"step":3,"t":1732400000.123}')).toEqual({
    record: { metrics: { 'val/loss': 0.41 }, step: 3, at: 1732400000123 },
  });
});

test('values that JSON lacks come as strings and leave as numbers', () => {
  expect(log('{"metrics":{"a":"NaN","b":"Infinity","c":"-Infinity"}}')).toEqual({
    record: {
      metrics: { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY },
    },
  });
});

test("numbers that JSON lacks may also be bare, as Python's json.dumps writes them; texts that say so stay texts", () => {
  expect(log('{"metrics":{"a":NaN,"b":-Infinity},"tags":{"NaN":"is NaN, or \\"NaN\\""}}')).toEqual({
    record: {
      metrics: { a: Number.NaN, b: Number.NEGATIVE_INFINITY },
      tags: { NaN: 'is NaN, or "NaN"' },
    },
  });
});

test('on standard output only marked lines are protocol', () => {
  expect(parseLine({ source: 'output', line: '::lightex {"progress":0.5}' })).toEqual({
    record: { progress: 0.5 },
  });
  expect(parseLine({ source: 'output', line: '{"progress":0.5}' })).toEqual({ ordinary: true });
  expect(parseLine({ source: 'output', line: '::lightex {"progress":' })).toEqual({
    invalid: 'not JSON',
  });
});

test.each([
  ['{"metrics":{"a":"high"}}', '"metrics" is not an object of numbers'],
  ['{"metric":{"a":1}}', '"metric" is not a field of the protocol'],
  ['{"metrics":[1]}', '"metrics" is not an object of numbers'],
  ['{"progress":2}', '"progress" is not a number from 0 to 1'],
  ['{"step":1.5}', '"step" is not a whole number'],
  ['{"artifact":{}}', '"artifact" is not an object with a path'],
  ['[]', 'not a JSON object'],
  ['{"__proto__":{"a":1}}', '"__proto__" is not a field of the protocol'],
])('%s is not valid: %s', (line, why) => {
  expect(log(line)).toEqual({ invalid: why });
});

test('no line makes it throw', () => {
  const sources = fc.constantFrom<OutputLine['source']>('log', 'output');
  const lines = fc.oneof(
    fc.string(),
    fc.json(),
    fc.json().map((text) => `::lightex ${text}`),
  );
  fc.assert(
    fc.property(sources, lines, (source, line) => typeof parseLine({ source, line }) === 'object'),
  );
});

interface GoldenLine {
  readonly name: string;
  readonly line: string;
  readonly valid: boolean;
}

test('the golden lines, which the Python client writes, are read as they say', () => {
  const golden = readFileSync('tests/golden/protocol/lines.jsonl', 'utf8').trim().split('\n');
  const lines = golden.map((line) => JSON.parse(line) as GoldenLine);

  expect(lines.length).toBeGreaterThan(10);
  for (const { name, line, valid } of lines)
    expect([name, 'record' in log(line)]).toEqual([name, valid]);
});

test('a batch keeps the order, times what has no time, and counts what it could not read', () => {
  const line = (text: string, source: OutputLine['source'] = 'log'): OutputLine => ({
    rank: 0,
    source,
    line: text,
    offset: 0,
  });

  const batch = readBatch(
    [line('{"step":1,"t":5}'), line('hello', 'output'), line('{'), line('{"step":2}')],
    99 as UnixMs,
  );

  expect(batch).toEqual({
    records: [
      { step: 1, at: 5000 },
      { step: 2, at: 99 },
    ],
    invalidLines: 1,
  });
});

test.each([
  ['a time that no date can hold', '{"metrics":{"a":1},"t":1e13}'],
  ['a time that is not finite', '{"t":1e999}'],
  ['values nested without end', `{"params":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`],
])('%s is a line that is not valid', (_, line) => {
  expect(log(line)).toHaveProperty('invalid');
});
