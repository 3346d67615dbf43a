/** Statistics of repeated runs. Pure; what is not a finite number is counted as missing, never as zero. */

import type { Json } from '../model/experiment.ts';

/** What is known of a value that was measured several times. */
export interface Sample {
  /** Measured values. */
  readonly n: number;
  /** Values that should be there and are not: absent, NaN or infinite. */
  readonly missing: number;
  /** Undefined without a value. */
  readonly mean: number | undefined;
  /** Sample standard deviation (n - 1); undefined below two values. */
  readonly sd: number | undefined;
}

/** Count, mean and sample standard deviation; around the first value, so that equal values have a spread of exactly 0. */
export function describe(values: readonly (Json | undefined)[]): Sample {
  const measured = finite(values);
  const n = measured.length;
  const missing = values.length - n;
  const [first] = measured;
  if (first === undefined) return { n, missing, mean: undefined, sd: undefined };
  const mean = first + measured.reduce((sum, value) => sum + (value - first) / n, 0);
  if (n === 1) return { n, missing, mean, sd: undefined };
  const squares = measured.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, missing, mean, sd: Math.sqrt(squares / (n - 1)) };
}

/** The numbers among the values: NaN and infinities come from SQL as strings. */
export function finite(values: readonly (Json | undefined)[]): readonly number[] {
  return values.filter((value): value is number => Number.isFinite(value));
}

/** The value below which the share `q` (0 to 1) of the values lies, interpolated; undefined without values. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const place = q * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return undefined;
  return below + (above - below) * (place - Math.floor(place));
}
