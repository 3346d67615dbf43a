import { expect, test } from 'vitest';
import type { Json } from '../model/experiment.ts';
import type { Answers } from './answers.ts';
import { byValue, compare, shortNames } from './configurations.ts';
import { resolveDefinition } from './definition.ts';

const EXPERIMENT = {
  name: 'demo',
  description: '',
  params: { lr: 0.1 },
  objective: { metric: 'loss', goal: 'minimize', of: 'last' },
} as const;
const DEFINITION = resolveDefinition(undefined, EXPERIMENT);

interface Given {
  readonly params: Readonly<Record<string, string>>;
  readonly objective?: Json;
  readonly status?: string;
  readonly key?: string;
  readonly cell?: readonly string[];
}

/** Answers of the first round with these runs, the newest first. */
function answers(runs: readonly Given[]): Answers {
  const names = ['run_id', 'trial_key', 'rerun', 'status', 'params', 'cell', 'objective'];
  const rows = runs.map(
    ({ params, objective = 1, status = 'succeeded', key, cell = ['lr'] }, i) => [
      `run${i}`,
      key ?? `key${i}`,
      0,
      status,
      params,
      Object.fromEntries(cell.map((name) => [name, 0])),
      objective,
    ],
  );
  const columns = names.map((name) => ({ name, type: '' }));
  return new Map([['runs', { table: { columns, rows, truncated: false } }]]);
}

test('runs that differ only in their seed are one configuration, the best is first', () => {
  const { configurations, by, baseline } = compare(
    DEFINITION,
    answers([
      { params: { lr: '0.1', seed: '0' }, objective: 3 },
      { params: { lr: '0.1', seed: '1' }, objective: 5 },
      { params: { lr: '0.01', seed: '0' }, objective: 1 },
    ]),
  );

  expect(by).toEqual(['lr']);
  expect(configurations.map(({ label, rank }) => [label, rank])).toEqual([
    ['lr=0.01', 1],
    ['lr=0.1', 2],
  ]);
  expect(configurations[1]?.objective).toEqual({ n: 2, missing: 0, mean: 4, sd: Math.SQRT2 });
  expect(baseline?.label).toBe('lr=0.1');
});

test('a parameter that follows from the others makes no configuration, one that does not does', () => {
  const { by } = compare(
    DEFINITION,
    answers([
      { params: { lr: '0.1', seed: '0', name: 'a-0', width: '4' } },
      { params: { lr: '0.1', seed: '1', name: 'a-1', width: '4' } },
      { params: { lr: '0.1', seed: '0', name: 'a-0', width: '8' } },
    ]),
  );

  expect(by).toEqual(['lr', 'width']);
});

test('of runs that repeat a trial with other code the newest that succeeded counts', () => {
  const params = { lr: '0.1', seed: '0' };
  const { configurations, runs } = compare(
    DEFINITION,
    answers([
      { params, status: 'failed' },
      { params, objective: 2 },
      { params, objective: 9 },
    ]),
  );

  expect(runs.map(({ superseded }) => superseded)).toEqual([true, false, true]);
  expect(configurations[0]?.objective.mean).toBe(2);
});

test('runs without a trial never supersede each other', () => {
  const run = { params: { lr: '0.1' }, key: '' };

  expect(compare(DEFINITION, answers([run, run])).configurations[0]?.runs).toHaveLength(2);
});

test('NaN counts as missing, and a configuration without a value has no rank', () => {
  const { configurations } = compare(
    DEFINITION,
    answers([
      { params: { lr: '1', seed: '0' }, objective: 'NaN' },
      { params: { lr: '0.1', seed: '0' }, objective: 2 },
      { params: { lr: '0.1', seed: '1' }, objective: 'Infinity' },
      { params: { lr: '0.01', seed: '0' }, objective: 1, status: 'running' },
    ]),
  );

  expect(configurations.map(({ label, rank }) => [label, rank])).toEqual([
    ['lr=0.1', 1],
    ['lr=0.01', undefined],
    ['lr=1', undefined],
  ]);
  expect(configurations[0]?.objective).toMatchObject({ n: 1, missing: 1 });
});

test('values are ordered by size, texts after numbers, absent ones last', () => {
  const values = ['b', '10', undefined, '9', '1e-3', 'a'];

  expect([...values].sort(byValue)).toEqual(['1e-3', '9', '10', 'a', 'b', undefined]);
  expect(['x', undefined, '1'].map((value) => byValue(value, value))).toEqual([0, 0, 0]);
});

test('names are short where that is unambiguous', () => {
  expect([...shortNames(['model.hidden', 'a.lr', 'b.lr'])]).toEqual([
    ['model.hidden', 'hidden'],
    ['a.lr', 'a.lr'],
    ['b.lr', 'b.lr'],
  ]);
});
