import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cell, Matrix } from '../model/experiment.ts';
import type { ExperimentFile } from '../model/schema.generated.ts';
import { cellLabel, expandMatrix, matrixOf, matrixProblems } from './matrix.ts';

const params = { lr: 0.1, seed: 0, act: 'tanh', model: { hidden: 8, depth: 2 } };

function anExperiment(fields: Partial<ExperimentFile>) {
  const matrix = matrixOf({ name: 'a', command: ['x'], ...fields });
  return { file: 'experiments/a.jsonnet', params, matrix };
}

function labels(fields: Partial<ExperimentFile>, limit = 100): readonly string[] {
  return expandMatrix(anExperiment(fields), limit).map(cellLabel);
}

describe('expanding', () => {
  test('no matrix is one trial', () => {
    expect(labels({})).toEqual(['']);
  });

  test('axes go by name with the last fastest, and seeds are faster still', () => {
    expect(labels({ matrix: { 'model.hidden': [4, 8], lr: [1, 2] }, seeds: [0, 1] })).toEqual([
      'lr=1 model.hidden=4 seed=0',
      'lr=1 model.hidden=4 seed=1',
      'lr=1 model.hidden=8 seed=0',
      'lr=1 model.hidden=8 seed=1',
      'lr=2 model.hidden=4 seed=0',
      'lr=2 model.hidden=4 seed=1',
      'lr=2 model.hidden=8 seed=0',
      'lr=2 model.hidden=8 seed=1',
    ]);
  });

  test('an array of axes keeps its order', () => {
    expect(labels({ matrix: [{ 'model.hidden': [4] }, { lr: [1, 2] }] })).toEqual([
      'model.hidden=4 lr=1',
      'model.hidden=4 lr=2',
    ]);
  });

  test('an axis named seed is the last one', () => {
    expect(labels({ matrix: { seed: [0, 1], 'z.a': [] } })).toEqual([]);
    expect(labels({ matrix: { seed: [0, 1], weight: [5] } })[0]).toBe('weight=5 seed=0');
  });

  test('exclude takes away every cell that has its values, also those of parameters that are no axis', () => {
    const matrix = { lr: [1, 2], 'model.hidden': [4, 8] };

    expect(labels({ matrix, exclude: [{ lr: 1 }, { lr: 2, 'model.hidden': 8 }] })).toEqual([
      'lr=2 model.hidden=4',
    ]);
    expect(
      labels({
        matrix,
        exclude: [
          { lr: 1, act: 'tanh' },
          { lr: 2, act: 'relu' },
        ],
      }),
    ).toEqual(['lr=2 model.hidden=4', 'lr=2 model.hidden=8']);
  });

  test('include adds cells after exclude, with missing axes from the parameters, once per seed', () => {
    const cells = labels({
      matrix: { lr: [1], 'model.hidden': [4] },
      exclude: [{ lr: 0.1 }],
      include: [{ act: 'relu' }, { lr: 5 }],
      seeds: [7, 8],
    });

    expect(cells.slice(2)).toEqual([
      'lr=0.1 model.hidden=8 act=relu seed=7',
      'lr=0.1 model.hidden=8 act=relu seed=8',
      'lr=5 model.hidden=8 seed=7',
      'lr=5 model.hidden=8 seed=8',
    ]);
  });

  test('an axis without values leaves what include adds', () => {
    expect(labels({ matrix: { lr: [], act: ['a', 'b'] } })).toEqual([]);
    expect(labels({ matrix: { lr: [] }, include: [{ lr: 3 }] })).toEqual(['lr=3']);
  });
});

describe('refusing', () => {
  test.each<[string, Partial<ExperimentFile>]>([
    ['a value twice', { matrix: { lr: [1, 1.0] } }],
    [
      'an object twice, its keys in another order',
      {
        matrix: {
          model: [
            { a: 1, b: 2 },
            { b: 2, a: 1 },
          ],
        },
      },
    ],
    ['a seed twice', { seeds: [1, 1] }],
    ['an included cell of the product', { matrix: { lr: [1] }, include: [{ lr: 1 }] }],
    [
      'an included cell that says what holds anyway',
      { matrix: { lr: [1] }, include: [{ lr: 1, act: 'tanh' }] },
    ],
  ])('%s is refused', (_, fields) => {
    expect(() => labels(fields)).toThrow(expect.objectContaining({ code: 'LTX_MATRIX_DUPLICATE' }));
  });

  test('a matrix above the limit is refused with its sizes before it is built', () => {
    const numbers = Array.from({ length: 50_000 }, (_, n) => n);

    expect(() =>
      labels({ matrix: { lr: numbers, act: numbers }, include: [{ lr: -1 }], seeds: [1, 2] }),
    ).toThrow(
      expect.objectContaining({
        code: 'LTX_MATRIX_TOO_LARGE',
        message:
          'experiments/a.jsonnet: the matrix has 5,000,000,002 trials ((act 50000 x lr 50000 + include 1) x seeds 2); the limit is 100',
      }),
    );
  });
});

const axisNames = ['a', 'b', 'c.d', 'e'] as const;
const matrices: fc.Arbitrary<Matrix> = fc.record({
  axes: fc
    .uniqueArray(fc.constantFrom(...axisNames))
    .chain((names) =>
      fc.tuple(
        ...names.map((name) =>
          fc.uniqueArray(fc.nat(20), { maxLength: 4 }).map((values) => ({ name, values })),
        ),
      ),
    ),
  exclude: fc.array(fc.dictionary(fc.constantFrom(...axisNames), fc.nat(20), { minKeys: 1 })),
  include: fc.constant([]),
  seeds: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
});
const lawParams = { a: -1, b: -1, c: { d: -1 }, e: -1, seed: -1 };
const expand = (matrix: Matrix) => expandMatrix({ file: 'a', params: lawParams, matrix }, 10_000);

describe('laws', () => {
  test('without exclude there are as many cells as the sizes multiply to', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const size = matrix.axes.reduce((n, { values }) => n * values.length, 1);
        expect(expand({ ...matrix, exclude: [] })).toHaveLength(
          size * Math.max(1, matrix.seeds.length),
        );
      }),
    );
  });

  test('exclude leaves a part of the cells in the same order, and none that it names', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        const all = expand({ ...matrix, exclude: [] }).map(cellLabel);
        const kept = expand(matrix);
        const holds = (cell: Cell, part: Cell) =>
          Object.keys(part).every((name) => (cell[name] ?? -1) === part[name]);
        expect(all.filter((label) => kept.some((cell) => cellLabel(cell) === label))).toEqual(
          kept.map(cellLabel),
        );
        expect(kept.some((cell) => matrix.exclude.some((part) => holds(cell, part)))).toBe(false);
      }),
    );
  });

  test('no cell comes twice, also when equal ones are merged', () => {
    fc.assert(
      fc.property(matrices, fc.array(fc.nat(3)), (matrix, values) => {
        const axes = [...matrix.axes.filter(({ name }) => name !== 'a'), { name: 'a', values }];
        const cells = expandMatrix(
          { file: 'a', params: lawParams, matrix: { ...matrix, axes } },
          10_000,
          'merge',
        ).map(cellLabel);
        expect(new Set(cells).size).toBe(cells.length);
      }),
    );
  });

  test('the same matrix gives the same cells in the same order', () => {
    fc.assert(
      fc.property(matrices, (matrix) => {
        expect(expand(structuredClone(matrix))).toEqual(expand(matrix));
      }),
    );
  });
});

describe('problems', () => {
  const problems = (fields: Partial<ExperimentFile>) =>
    matrixProblems(anExperiment(fields)).map(({ at, message }) => `${at}: ${message}`);

  test('names that are not declared are told with the nearest ones', () => {
    expect(
      problems({
        matrix: { hidden: [1] },
        include: [{ model: {}, lrr: 1 }],
        exclude: [{ xyz: 1 }],
      }),
    ).toEqual([
      'matrix.hidden: is not a parameter of this experiment. Did you mean "model.hidden"?',
      'include[0].lrr: is not a parameter of this experiment. Did you mean "lr"?',
      'exclude[0].xyz: is not a parameter of this experiment.',
    ]);
  });

  test('axes that set the same parameter are refused', () => {
    expect(problems({ matrix: { model: [{}], 'model.hidden': [1] } })).toEqual([
      'matrix.model.hidden: sets what the axis model sets too',
    ]);
    expect(problems({ matrix: [{ lr: [1] }, { lr: [2] }] })).toEqual(['matrix.lr: is there twice']);
  });

  test('seeds need a parameter and are the only place for it', () => {
    const beside =
      'cannot be set beside "seeds", which multiplies all cells; write the axis matrix.seed';

    expect(problems({ seeds: [1], matrix: { seed: [2] } })).toEqual([`matrix.seed: ${beside}`]);
    expect(problems({ seeds: [1], include: [{ seed: 3 }] })).toEqual([
      `include[0].seed: ${beside}`,
    ]);
    expect(problems({ matrix: { seed: [2] } })).toEqual([]);
    expect(
      matrixProblems({ ...anExperiment({ seeds: [1] }), params: {} }).map(({ at }) => at),
    ).toEqual(['seeds']);
  });

  test('a number in quotes among numbers is a typing error', () => {
    expect(problems({ matrix: { lr: [0.1, 0.01, '1e-3'] } })).toEqual([
      'matrix.lr[2]: "1e-3" is a string; the other values of this axis are numbers',
    ]);
    expect(problems({ matrix: { lr: [0.1, 'auto'], act: ['1', '2'] } })).toEqual([]);
  });
});

test('a label quotes text that could be read as something else', () => {
  expect(cellLabel({ a: 0.1, b: 'tanh', c: '1', d: 'true', e: 'a b', f: [1, { g: null }] })).toBe(
    'a=0.1 b=tanh c="1" d="true" e="a b" f=[1,{"g":null}]',
  );
});
