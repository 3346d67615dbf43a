import { describe, expect, test } from 'vitest';
import type { Matrix } from '../model/experiment.ts';
import { experimentOf } from './experiment.ts';
import { paramsOverlay, settingOverlay } from './overlay.ts';
import {
  isEmpty,
  NO_OVERRIDES,
  overrideMatrix,
  overridesOverlay,
  parseOverrides,
} from './overrides.ts';

const parse = (texts: Partial<Parameters<typeof parseOverrides>[0]>) =>
  parseOverrides({ params: [], axes: [], settings: [], ...texts });
const experiment = experimentOf(
  { name: 'wine', command: ['x'], params: { lr: 0.1, model: { hidden: 8 }, 'a.b': 1 } },
  'experiments/wine.jsonnet',
);

describe('overlays', () => {
  test('a dotted name reaches into its object, and fields beside it survive', () => {
    expect(paramsOverlay(experiment.params, { 'model.hidden': 4, 'model.depth': 2, lr: 1 })).toBe(
      ' + { "params"+: { "model"+: { "hidden": 4, "depth": 2 }, "lr": 1 } }',
    );
  });

  test('a field whose name holds a dot is one step', () => {
    expect(paramsOverlay(experiment.params, { 'a.b': 2 })).toBe(' + { "params"+: { "a.b": 2 } }');
  });

  test('an object as a value replaces what was there', () => {
    expect(paramsOverlay(experiment.params, { model: { hidden: 1 } })).toBe(
      ' + { "params"+: { "model": {"hidden":1} } }',
    );
  });

  test('no values, no overlay', () => {
    expect(paramsOverlay(experiment.params, {})).toBe('');
    expect(settingOverlay('resources.cpus', 2)).toBe(' + { "resources"+: { "cpus": 2 } }');
  });
});

describe('parsing', () => {
  test('values are JSON, else text', () => {
    const { pins } = parse({ params: ['lr=0.1', 'act=tanh', 'on=true', 'x=[1,"a"]', '+new=a=b'] });

    expect(pins).toEqual([
      { name: 'lr', value: 0.1, isNew: false },
      { name: 'act', value: 'tanh', isNew: false },
      { name: 'on', value: true, isNew: false },
      { name: 'x', value: [1, 'a'], isNew: false },
      { name: 'new', value: 'a=b', isNew: true },
    ]);
  });

  test.each([
    ['lr=1,2', [1, 2]],
    ['act=tanh,relu', ['tanh', 'relu']],
    ['lr=0.1,auto', [0.1, 'auto']],
    ['x=[1,2],[3]', [[1, 2], [3]]],
  ])('-m %s', (text, values) => {
    expect(parse({ axes: [text] }).axes[0]?.values).toEqual(values);
  });

  test.each([
    [{ params: ['lr'] }],
    [{ params: ['=1'] }],
    [{ axes: ['lr='] }],
    [{ params: ['a..b=1'] }],
    [{ settings: ['params.lr=1'] }],
  ])('%j is refused', (texts) => {
    expect(() => parse(texts)).toThrow(expect.objectContaining({ code: 'LTX_USAGE' }));
  });

  test('nothing given is nothing to change', () => {
    expect(isEmpty(parse({}))).toBe(true);
    expect(isEmpty(parse({ settings: ['timeout="1h"'] }))).toBe(false);
  });
});

describe('applying', () => {
  const matrix: Matrix = {
    axes: [{ name: 'lr', values: [1, 2] }],
    include: [{ lr: 5, 'model.hidden': 1 }],
    exclude: [],
    seeds: [0, 1],
  };

  test('settings come first, then pins: what is stronger comes last', () => {
    const overrides = parse({ params: ['lr=1', 'model.hidden=4'], settings: ['resources.cpus=2'] });

    expect(overridesOverlay(overrides, experiment)).toBe(
      ' + { "resources"+: { "cpus": 2 } } + { "params"+: { "lr": 1 } } + { "params"+: { "model"+: { "hidden": 4 } } }',
    );
    expect(overridesOverlay(NO_OVERRIDES, experiment)).toBe('');
  });

  test('a parameter that is not declared is refused with the nearest, unless + says that it is meant', () => {
    expect(() => overridesOverlay(parse({ params: ['hidden=1'] }), experiment)).toThrow(
      expect.objectContaining({
        code: 'LTX_USAGE',
        message: 'hidden is not a parameter of this experiment. Did you mean "model.hidden"?',
      }),
    );
    expect(() => overridesOverlay(parse({ axes: ['lrr=1,2'] }), experiment)).toThrow(
      'Did you mean',
    );
    expect(overridesOverlay(parse({ axes: ['+drop=0.1,0.2'] }), experiment)).toBe(
      ' + { "params"+: { "drop": 0.1 } }',
    );
  });

  test('a pin makes its axis one value, in included cells too', () => {
    expect(overrideMatrix(matrix, parse({ params: ['lr=3', 'seed=7'] }))).toEqual({
      axes: [{ name: 'lr', values: [3] }],
      include: [{ lr: 3, 'model.hidden': 1 }],
      exclude: [],
      seeds: [7],
    });
  });

  test('an axis of the command line replaces one of its name, or comes last', () => {
    const changed = overrideMatrix(matrix, parse({ axes: ['lr=8,9', 'act=a,b', 'seed=3,4'] }));

    expect(changed.axes).toEqual([
      { name: 'lr', values: [8, 9] },
      { name: 'act', values: ['a', 'b'] },
    ]);
    expect(changed.seeds).toEqual([3, 4]);
    expect(changed.include).toEqual(matrix.include);
  });

  test('an axis is stronger than a pin of its name', () => {
    const changed = overrideMatrix(matrix, parse({ params: ['lr=3'], axes: ['lr=8,9'] }));

    expect(changed.axes).toEqual([{ name: 'lr', values: [8, 9] }]);
    expect(changed.include).toEqual(matrix.include);
  });

  test('a seed is a whole number', () => {
    expect(() => overrideMatrix(matrix, parse({ params: ['seed=a'] }))).toThrow(
      expect.objectContaining({ code: 'LTX_USAGE' }),
    );
  });
});
