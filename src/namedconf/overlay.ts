import { isObject } from '../model/dotted.ts';
import type { Cell, Json, JsonObject } from '../model/experiment.ts';

/**
 * Jsonnet that sets parameters in whatever stands before it: ` + { "params"+: { "model"+: { "hidden": 4 } } }`.
 * Fields beside the ones named survive; a value replaces what was there as a whole. Nothing for no values.
 */
export function paramsOverlay(params: JsonObject, values: Cell): string {
  const tree: Branch = new Map();
  for (const [key, value] of Object.entries(values)) plant(tree, pathOf(params, key), value);
  return tree.size === 0 ? '' : ` + { "params"+: ${textOf(tree)} }`;
}

/** Jsonnet that sets one value at a dotted path. */
export function settingOverlay(path: string, value: Json): string {
  const tree: Branch = new Map();
  plant(tree, path.split('.'), value);
  return ` + ${textOf(tree)}`;
}

type Branch = Map<string, Branch | { readonly value: Json }>;

/** The steps of a dotted key, read as `at` reads it: a declared field whose name holds dots is one step. */
function pathOf(params: JsonObject, key: string): readonly string[] {
  const dot = key.indexOf('.');
  if (dot < 0 || Object.hasOwn(params, key)) return [key];
  const head = key.slice(0, dot);
  const child = Object.hasOwn(params, head) ? params[head] : undefined;
  return [head, ...pathOf(isObject(child) ? child : {}, key.slice(dot + 1))];
}

function plant(tree: Branch, path: readonly string[], value: Json): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    tree.set(head, { value });
    return;
  }
  const known = tree.get(head);
  const child: Branch = known instanceof Map ? known : new Map();
  tree.set(head, child);
  plant(child, rest, value);
}

function textOf(tree: Branch): string {
  const fields = [...tree].map(([name, child]) =>
    child instanceof Map
      ? `${JSON.stringify(name)}+: ${textOf(child)}`
      : `${JSON.stringify(name)}: ${JSON.stringify(child.value)}`,
  );
  return `{ ${fields.join(', ')} }`;
}
