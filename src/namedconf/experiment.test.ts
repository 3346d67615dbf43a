import { expect, test } from 'vitest';
import { experimentOf, experimentProblems, mergeUnder, trialSpecOf } from './experiment.ts';

test('an experiment that says the least has the documented defaults', () => {
  const file = { name: 'wine', command: ['x'] as [string] };

  expect(experimentOf(file, 'experiments/wine.jsonnet')).toEqual({
    name: 'wine',
    file: 'experiments/wine.jsonnet',
    description: '',
    matrix: { axes: [], include: [], exclude: [], seeds: [] },
    params: {},
    report: 'comparison',
    onPush: { branches: [], paths: [] },
    priority: 0,
  });
  expect(trialSpecOf(file)).toEqual({
    params: {},
    command: ['x'],
    resources: { cpus: 1, gpus: 0 },
    runsOn: [],
    retry: { attempts: 1, on: ['lost', 'evicted', 'preempted', 'infra', 'image'] },
    env: {},
    link: [],
    artifacts: [],
    data: {},
  });
});

test('units become numbers, and the objective counts its last value', () => {
  const spec = trialSpecOf({
    name: 'wine',
    command: ['x'],
    timeout: '1h30m',
    resources: { memory: '512Mi', cpus: 0.5 },
    objective: { metric: 'loss', goal: 'minimize' },
  });

  expect(spec).toMatchObject({
    timeoutMs: 5_400_000,
    resources: { cpus: 0.5, memoryBytes: 2 ** 29, gpus: 0 },
    objective: { metric: 'loss', goal: 'minimize', of: 'last' },
  });
});

test('an empty "on" means by hand only', () => {
  const file = { name: 'wine', command: ['x'] as [string], on: {} };

  expect(experimentOf(file, 'a').onPush).toBeUndefined();
});

test('data outside the working directory is refused', () => {
  const file = {
    name: 'a',
    command: ['x'] as [string],
    data: { '/d': 'v', 'a/../b': 'v', ok: 'v' },
  };

  expect(experimentProblems(file, experimentOf(file, 'a')).map(({ at }) => at)).toEqual([
    'data./d',
    'data.a/../b',
  ]);
});

test('defaults lie under a value: objects merge, arrays and everything else are replaced', () => {
  const defaults = { resources: { cpus: 2, memory: '1Gi' }, runs_on: ['linux'], timeout: '1h' };

  expect(mergeUnder(defaults, { resources: { cpus: 4 }, runs_on: [], name: 'a' })).toEqual({
    resources: { cpus: 4, memory: '1Gi' },
    runs_on: [],
    timeout: '1h',
    name: 'a',
  });
  expect(mergeUnder(defaults, ['no object'])).toEqual(['no object']);
});

test('a field named __proto__ is a field like any other', () => {
  const value = JSON.parse('{"params": {"__proto__": {"cpus": 1}}}');

  expect(JSON.stringify(mergeUnder({ params: { a: 1 } }, value))).toBe(
    '{"params":{"a":1,"__proto__":{"cpus":1}}}',
  );
});
