/** Dotted keys (`model.hidden`) are the one spelling of nested parameters everywhere. */

import type { Json, JsonObject } from './experiment.ts';

/** Leaves by dotted key, keys sorted within each object; arrays and empty objects are leaves. */
export function flatten(value: JsonObject, prefix = ''): Record<string, Json> {
  const leaves: Record<string, Json> = {};
  for (const key of Object.keys(value).sort()) {
    const child = value[key] as Json;
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (isObject(child) && Object.keys(child).length > 0)
      Object.assign(leaves, flatten(child, name));
    else leaves[name] = child;
  }
  return leaves;
}

/** The value at a dotted key, undefined where there is none. A key that itself holds dots wins. */
export function at(value: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(value, key)) return value[key];
  const dot = key.indexOf('.');
  if (dot < 0) return undefined;
  const child = Object.hasOwn(value, key.slice(0, dot)) ? value[key.slice(0, dot)] : undefined;
  return child !== undefined && isObject(child) ? at(child, key.slice(dot + 1)) : undefined;
}

/** True for an object that is not an array and not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
