import canonicalize from 'canonicalize';
import { at, flatten, isObject } from '../model/dotted.ts';
import { LightexError } from '../model/errors.ts';
import type { Cell, Experiment, Json, Matrix } from '../model/experiment.ts';
import type { ExperimentFile } from '../model/schema.generated.ts';
import { didYouMean } from './nearest.ts';

/** The axes as they vary: an object's by dotted name with `seed` last, an array's in its own order. */
export function matrixOf(file: ExperimentFile): Matrix {
  const written = (file.matrix ?? {}) as
    | Readonly<Record<string, Json[]>>
    | Record<string, Json[]>[];
  const axes = Array.isArray(written)
    ? written.flatMap((axis) => Object.entries(axis))
    : Object.entries(written).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return {
    axes: axes.map(([name, values]) => ({ name, values })),
    include: (file.include ?? []) as readonly Cell[],
    exclude: (file.exclude ?? []) as readonly Cell[],
    seeds: file.seeds ?? [],
  };
}

const rank = (axis: string) => (axis === 'seed' ? 1 : 0);

/** What is wrong with a matrix before it is expanded: names that are not declared, axes that meet, likely typing errors. */
export function matrixProblems(
  experiment: Pick<Experiment, 'matrix' | 'params'>,
): readonly { readonly at: string; readonly message: string }[] {
  const { axes, include, exclude, seeds } = experiment.matrix;
  const named = [
    ...axes.map(({ name }) => ({ name, place: `matrix.${name}` })),
    ...include.flatMap((cell, n) => keysOf(cell, `include[${n}]`)),
    ...exclude.flatMap((cell, n) => keysOf(cell, `exclude[${n}]`)),
  ];
  return [
    ...named.flatMap(({ name, place }) => {
      const message = undeclared(experiment.params, name);
      return message === undefined ? [] : [{ at: place, message }];
    }),
    ...axes.flatMap(({ name }, index) => overlap(name, axes.slice(0, index))),
    ...axes.flatMap(({ name, values }) => textAmongNumbers(name, values)),
    ...(seeds.length === 0 ? [] : seedProblems(experiment, named)),
  ];
}

function keysOf(cell: Cell, place: string): readonly { name: string; place: string }[] {
  return Object.keys(cell).map((name) => ({ name, place: `${place}.${name}` }));
}

/** The sentence for a parameter that is not there, undefined for one that is. */
export function undeclared(params: Experiment['params'], name: string): string | undefined {
  if (at(params, name) !== undefined) return undefined;
  return `is not a parameter of this experiment.${didYouMean(name, namesOf(params))}`;
}

/** Leaves and the objects that hold them: all of them may be axes. */
function namesOf(params: Experiment['params']): readonly string[] {
  const branches = Object.keys(params).filter((key) => isObject(params[key]));
  return [...Object.keys(flatten(params)), ...branches];
}

function overlap(name: string, earlier: Matrix['axes']) {
  return earlier
    .filter((other) => `${name}.`.startsWith(`${other.name}.`) || other.name.startsWith(`${name}.`))
    .map((other) => ({
      at: `matrix.${name}`,
      message: name === other.name ? 'is there twice' : `sets what the axis ${other.name} sets too`,
    }));
}

function textAmongNumbers(name: string, values: readonly Json[]) {
  const odd = values.flatMap((value, index) =>
    typeof value === 'number' ? [] : [{ value, index }],
  );
  const [only] = odd;
  if (odd.length !== 1 || values.length < 2 || typeof only?.value !== 'string') return [];
  if (only.value.trim() === '' || Number.isNaN(Number(only.value))) return [];
  const message = `"${only.value}" is a string; the other values of this axis are numbers`;
  return [{ at: `matrix.${name}[${only.index}]`, message }];
}

function seedProblems(
  { params }: Pick<Experiment, 'params'>,
  named: readonly { readonly name: string; readonly place: string }[],
) {
  const twice = named
    .filter(({ name }) => name === 'seed')
    .map(({ place }) => ({
      at: place,
      message:
        'cannot be set beside "seeds", which multiplies all cells; write the axis matrix.seed',
    }));
  if (at(params, 'seed') !== undefined) return twice;
  return [
    ...twice,
    { at: 'seeds', message: 'needs a parameter "seed": add params.seed, such as 0' },
  ];
}

/** What becomes of cells that are equal: an error, or one cell. */
export type EqualCells = 'refuse' | 'merge';

/**
 * The cells of a matrix: the product of its axes, the last fastest, minus `exclude`, then `include` with its missing
 * axes taken from the parameters, and all of them once per seed, the fastest. Always the same cells in the same
 * order. An axis without values leaves the product empty; what `include` adds stays.
 * Cells that are equal by value are refused, or count once (`merge`, for matrices that the command line changed).
 * @throws LTX_MATRIX_TOO_LARGE, before anything is built and before `exclude`; LTX_MATRIX_DUPLICATE
 */
export function expandMatrix(
  experiment: Pick<Experiment, 'file' | 'matrix' | 'params'>,
  limit: number,
  equals: EqualCells = 'refuse',
): readonly Cell[] {
  const { matrix, params } = experiment;
  refuseTooLarge(experiment, limit);
  const product = matrix.axes
    .reduce<Cell[]>(
      (cells, { name, values }) =>
        cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value }))),
      [{}],
    )
    .filter(
      (cell) =>
        !matrix.exclude.some((part) => matches({ ...defaults(part, params), ...cell }, part)),
    );
  const cells = [...product, ...matrix.include.map((cell) => complete(cell, experiment))];
  const seeded =
    matrix.seeds.length === 0
      ? cells
      : cells.flatMap((cell) => matrix.seeds.map((seed) => ({ ...cell, seed })));
  return withoutEquals(experiment, seeded, equals);
}

function refuseTooLarge(
  { file, matrix }: Pick<Experiment, 'file' | 'matrix'>,
  limit: number,
): void {
  const { axes, include, seeds } = matrix;
  const product = axes.reduce((size, { values }) => size * values.length, 1);
  const trials = (product + include.length) * Math.max(1, seeds.length);
  if (trials <= limit) return;
  const sizes = axes.map(({ name, values }) => `${name} ${values.length}`).join(' x ') || '1';
  const cells = include.length === 0 ? sizes : `(${sizes} + include ${include.length})`;
  const all = seeds.length === 0 ? cells : `${cells} x seeds ${seeds.length}`;
  throw new LightexError(
    'LTX_MATRIX_TOO_LARGE',
    `${file}: the matrix has ${words(trials)} trials (${all}); the limit is ${words(limit)}`,
    { hint: 'Shorten an axis, or raise limits.trials in lightex.jsonnet' },
  );
}

const words = (count: number) => count.toLocaleString('en-US');

function matches(cell: Cell, part: Cell): boolean {
  return Object.keys(part).every((key) => canonicalize(cell[key]) === canonicalize(part[key]));
}

function defaults(names: Cell, params: Experiment['params']): Cell {
  return Object.fromEntries(Object.keys(names).map((name) => [name, at(params, name) ?? null]));
}

function complete(cell: Cell, { matrix, params }: Pick<Experiment, 'matrix' | 'params'>): Cell {
  const axes = Object.fromEntries(matrix.axes.map(({ name }) => [name, null]));
  const others = Object.entries(cell).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...defaults(axes, params), ...Object.fromEntries(others) };
}

function withoutEquals(
  { file, params }: Pick<Experiment, 'file' | 'params'>,
  cells: readonly Cell[],
  equals: EqualCells,
): readonly Cell[] {
  // A cell that does not name a parameter has its value from `params`.
  const names = Object.assign({}, ...cells.map((cell) => defaults(cell, params))) as Cell;
  const known = new Map<string, Cell>();
  for (const cell of cells) {
    const key = canonicalize({ ...names, ...cell }) as string;
    if (known.has(key) && equals === 'refuse')
      throw new LightexError(
        'LTX_MATRIX_DUPLICATE',
        `${file}: the matrix has the trial ${cellLabel(cell)} twice`,
        { hint: 'Remove the repeated value from its axis, or the cell from include' },
      );
    if (!known.has(key)) known.set(key, cell);
  }
  return [...known.values()];
}

/** The cell in words, in its own order: `lr=0.1 model.hidden=4 seed=0`; text that could be misread is quoted. */
export function cellLabel(cell: Cell): string {
  return Object.entries(cell)
    .map(([name, value]) => `${name}=${isPlain(value) ? value : JSON.stringify(value)}`)
    .join(' ');
}

function isPlain(value: Json): value is string {
  return (
    typeof value === 'string' &&
    /^[\w.:/+-]+$/.test(value) &&
    Number.isNaN(Number(value)) &&
    !['true', 'false', 'null'].includes(value)
  );
}
