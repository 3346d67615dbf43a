import { flatten } from './dotted.ts';
import type { Json, JsonObject } from './experiment.ts';

/** One leaf whose value is not the same on both sides; undefined where a side has none. */
export interface Difference {
  readonly key: string;
  readonly a: Json | undefined;
  readonly b: Json | undefined;
}

/** Leaves by dotted key that differ between two values, sorted by key. */
export function differences(a: JsonObject, b: JsonObject): readonly Difference[] {
  const [left, right] = [flatten(a), flatten(b)];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  return keys
    .filter((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]))
    .map((key) => ({ key, a: left[key], b: right[key] }));
}
