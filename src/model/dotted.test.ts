import { expect, test } from 'vitest';
import { at, flatten } from './dotted.ts';

test('nested values become dotted leaves, sorted; arrays and empty objects are leaves', () => {
  expect(
    flatten({ model: { hidden: 8, act: 'tanh' }, lr: 0.1, sizes: [1, 2], none: {}, nil: null }),
  ).toEqual({
    lr: 0.1,
    'model.act': 'tanh',
    'model.hidden': 8,
    nil: null,
    none: {},
    sizes: [1, 2],
  });
});

test('a value is found by its dotted key; a key that holds dots wins', () => {
  const value = { model: { hidden: 8 }, 'a.b': 1, a: { b: 2 } };

  expect(at(value, 'model.hidden')).toBe(8);
  expect(at(value, 'a.b')).toBe(1);
  expect(at(value, 'model.missing')).toBeUndefined();
  expect(at(value, 'constructor')).toBeUndefined();
});
