import { expect, test } from 'vitest';
import { differences } from './differences.ts';

test('only what differs is told, by dotted key, with what is missing on one side', () => {
  const a = { lr: 0.1, model: { hidden: 4, act: 'tanh' }, only: 1 };
  const b = { lr: 0.1, model: { hidden: 8, act: 'tanh' }, sizes: [1] };

  expect(differences(a, b)).toEqual([
    { key: 'model.hidden', a: 4, b: 8 },
    { key: 'only', a: 1, b: undefined },
    { key: 'sizes', a: undefined, b: [1] },
  ]);
  expect(differences(a, a)).toEqual([]);
});
