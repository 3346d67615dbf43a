import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TrialKey, TrialSpec } from '../model/experiment.ts';
import { trialSpecOf } from './experiment.ts';
import { runIdOf, trialKeyOf } from './plan.ts';

const spec = trialSpecOf({ name: 'wine', command: ['x', '--lr=0.1'], params: { lr: 0.1 } });
const key = (changes: Partial<TrialSpec> = {}, name = 'wine', code = 'c0de') =>
  trialKeyOf(name, { ...spec, ...changes }, code);

test('the key of a trial never changes: histories are found by it', () => {
  // printf '%s' '{"code":"c0de","command":["x","--lr=0.1"],"data":{},"env":{},"experiment":"wine","nodes":1,"params":{"lr":0.1},"v":1}' | sha256sum
  expect(key()).toBe('5bd1a1051dda2d95bd61b5244f8bc65f034e3c52e11c240c709d03667dbeb8b6');
  // the same, '#0', sha256sum, base32
  expect(runIdOf(key(), 0)).toBe('crfnn5b5zapz4fqc');
});

test.each<[string, TrialKey]>([
  ['experiment', key({}, 'beer')],
  ['code', key({}, 'wine', 'beef')],
  ['params', key({ params: { lr: 0.2 } })],
  ['command', key({ command: ['x'] })],
  ['image', key({ image: 'python:3.12' })],
  ['env', key({ env: { A: '1' } })],
  ['data', key({ data: { data: 'datasets' } })],
])('%s is part of the key', (_, changed) => {
  expect(changed).not.toBe(key());
});

test('what cannot change the result is not part of the key', () => {
  const same = key({
    resources: { cpus: 8, gpus: 1 },
    runsOn: ['gpu'],
    timeoutMs: 1,
    retry: { attempts: 9, on: [] },
    artifacts: ['out/**'],
    link: ['.venv'],
    objective: { metric: 'loss', goal: 'minimize', of: 'last' },
  });

  expect(same).toBe(key());
});

test('the order of keys does not matter', () => {
  const reversed = (value: object) => Object.fromEntries(Object.entries(value).reverse());

  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (params) => {
      const json = JSON.parse(JSON.stringify(params));
      expect(key({ params: reversed(json) as TrialSpec['params'] })).toBe(key({ params: json }));
    }),
  );
});

test('every re-run has an id of its own', () => {
  const ids = [0, 1, 2].map((rerun) => runIdOf(key(), rerun));

  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[a-z2-7]{16}$/);
});
