import { at } from '../model/dotted.ts';
import { LightexError } from '../model/errors.ts';
import type { Experiment, Json, Matrix } from '../model/experiment.ts';
import { undeclared } from './matrix.ts';
import { paramsOverlay, settingOverlay } from './overlay.ts';

/** What one invocation changes: parameters that are pinned, axes, and settings by dotted path. */
export interface Overrides {
  readonly pins: readonly {
    readonly name: string;
    readonly value: Json;
    readonly isNew: boolean;
  }[];
  readonly axes: readonly {
    readonly name: string;
    readonly values: readonly Json[];
    readonly isNew: boolean;
  }[];
  readonly settings: readonly { readonly path: string; readonly value: Json }[];
}

export const NO_OVERRIDES: Overrides = { pins: [], axes: [], settings: [] };

/** The texts of `-p`, `-m` and `--set`, each `name=value`. Values are JSON, else text. @throws LTX_USAGE */
export function parseOverrides(texts: {
  readonly params: readonly string[];
  readonly axes: readonly string[];
  readonly settings: readonly string[];
}): Overrides {
  return {
    pins: texts.params.map((text) => {
      const { name, value, isNew } = split('-p', text);
      return { name, isNew, value: parseValue(value) };
    }),
    axes: texts.axes.map((text) => {
      const { name, value, isNew } = split('-m', text);
      return { name, isNew, values: parseValues(value) };
    }),
    settings: texts.settings.map((text) => {
      const { name, value } = split('--set', text);
      if (name === 'params' || name.startsWith('params.'))
        throw new LightexError('LTX_USAGE', `--set ${text}: parameters are set with -p`, {
          hint: `Write: -p ${text.slice('params.'.length)}`,
        });
      return { path: name, value: parseValue(value) };
    }),
  };
}

/** True when there is nothing to change. */
export function isEmpty({ pins, axes, settings }: Overrides): boolean {
  return pins.length + axes.length + settings.length === 0;
}

/** `-p epochs=abc` for a number is a slip of the pen; null on either side says nothing about a kind. @throws LTX_USAGE */
function refuseOtherKind(name: string, declared: Json | undefined, values: readonly Json[]): void {
  const kindOf = (value: Json | undefined) =>
    Array.isArray(value) ? 'array' : value === null ? undefined : typeof value;
  const kind = kindOf(declared);
  const other = values.find(
    (value) => kind !== undefined && kindOf(value) !== undefined && kindOf(value) !== kind,
  );
  if (other === undefined) return;
  throw new LightexError(
    'LTX_USAGE',
    `${name}=${JSON.stringify(other)} is a ${kindOf(other)}; the experiment declares a ${kind}`,
    {
      hint: `Write +${name}= to set it anyway`,
    },
  );
}

/** Jsonnet behind an experiment's import that applies settings and pins. @throws LTX_USAGE on a parameter that is not declared */
export function overridesOverlay(overrides: Overrides, { params, name }: Experiment): string {
  for (const it of [...overrides.pins, ...overrides.axes]) {
    const message = it.isNew ? undefined : undeclared(params, it.name);
    if (message !== undefined)
      throw new LightexError('LTX_USAGE', `${it.name} ${message}`, {
        hint: `Add it to params of ${name}, or write +${it.name}= to set it anyway`,
      });
    if (!it.isNew)
      refuseOtherKind(it.name, at(params, it.name), 'values' in it ? it.values : [it.value]);
  }
  // An axis that is new has to be declared for what comes after: its first value will do.
  const added = overrides.axes.flatMap((axis) =>
    axis.isNew ? [{ name: axis.name, value: axis.values[0] ?? null }] : [],
  );
  const settings = overrides.settings.map(({ path, value }) => settingOverlay(path, value));
  const pins = [...added, ...overrides.pins].map((pin) =>
    paramsOverlay(params, { [pin.name]: pin.value }),
  );
  return [...settings, ...pins].join('');
}

/**
 * The matrix with its axes replaced and its pins applied: a pinned axis has that one value, in included cells too;
 * an axis of the command line wins over a pin of its name, and an axis that is new comes last.
 */
export function overrideMatrix(matrix: Matrix, { pins, axes }: Overrides): Matrix {
  const replaced = new Map<string, readonly Json[]>([
    ...pins.map(({ name, value }) => [name, [value]] as const),
    ...axes.map(({ name, values }) => [name, values] as const),
  ]);
  const pinned = pins.filter(({ name }) => !axes.some((axis) => axis.name === name));
  const known = matrix.axes.map(({ name, values }) => ({
    name,
    values: replaced.get(name) ?? values,
  }));
  const hasSeeds = matrix.seeds.length > 0;
  const added = axes.filter(
    ({ name }) => !matrix.axes.some((axis) => axis.name === name) && !(hasSeeds && name === 'seed'),
  );
  return {
    axes: [...known, ...added.map(({ name, values }) => ({ name, values }))],
    include: matrix.include.map((cell) => ({
      ...cell,
      ...Object.fromEntries(
        pinned
          .filter(({ name }) => Object.hasOwn(cell, name))
          .map(({ name, value }) => [name, value]),
      ),
    })),
    exclude: matrix.exclude,
    seeds: hasSeeds ? seedsOf(replaced.get('seed') ?? matrix.seeds) : [],
  };
}

function seedsOf(values: readonly Json[]): readonly number[] {
  return values.map((value) => {
    if (typeof value === 'number' && Number.isInteger(value)) return value;
    throw new LightexError('LTX_USAGE', `seed=${JSON.stringify(value)}: a seed is a whole number`);
  });
}

function split(option: string, text: string): { name: string; value: string; isNew: boolean } {
  const at = text.indexOf('=');
  const name = text.slice(text.startsWith('+') ? 1 : 0, Math.max(0, at));
  if (name === '' || name.split('.').includes('') || at === text.length - 1)
    throw new LightexError('LTX_USAGE', `${option} ${text}: expected name=value`, {
      hint: `Write for example: ${option} ${option === '-m' ? 'lr=0.1,0.01' : 'lr=0.1'}`,
    });
  return { name, value: text.slice(at + 1), isNew: text.startsWith('+') };
}

function parseValue(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is text: -p activation=tanh needs no quotes.
    return text;
  }
}

/** `1,2`, `[1,2],[3,4]`, `tanh,relu`: JSON values with commas between, else texts. */
function parseValues(text: string): readonly Json[] {
  const all = parseValue(`[${text}]`);
  return Array.isArray(all) ? all : text.split(',').map(parseValue);
}
