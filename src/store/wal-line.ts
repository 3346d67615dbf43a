/** The lines of an attempt's log in the store: what was logged, steps and times filled in, ready for DuckDB. */

import type { LogRecord } from '../model/event.ts';
import type { Json, UnixMs } from '../model/experiment.ts';
import type { Offsets } from '../model/job.ts';

/** JSON has no word for these numbers; cast to DOUBLE they are what they say. */
type WalNumber = number | 'NaN' | 'Infinity' | '-Infinity';

type Said = Pick<LogRecord, 'params' | 'tags' | 'summary' | 'artifact' | 'progress'>;

export interface PointsLine {
  /** Milliseconds since 1970. */
  readonly t: number;
  readonly step: number;
  readonly m: Readonly<Record<string, WalNumber>>;
}

/**
 * Closes a batch: everything before it was read from the sources up to these offsets.
 * Invariant: lines after the last mark do not count and are cut away at a restart, which reads them from the
 * sources again; without that, a crash between lines and offsets would log them twice.
 */
export interface MarkLine {
  readonly o: Offsets;
  readonly invalid: number;
}

export type WalLine = PointsLine | Said | MarkLine;

/**
 * The records as lines. A record without a step takes for each key the number of its earlier points, by `pointsOf`
 * before these records; keys that come to different steps go to different lines. `now` is for records without a time.
 */
export function toLines(
  records: readonly LogRecord[],
  pointsOf: (key: string) => number,
  now: UnixMs,
): readonly WalLine[] {
  const counts = new Map<string, number>();
  const nextStep = (key: string) => {
    const earlier = counts.get(key) ?? pointsOf(key);
    counts.set(key, earlier + 1);
    return earlier;
  };
  return records.flatMap((record) => {
    const { metrics = {}, step, at = now, ...said } = record;
    const bySteps = new Map<number, [string, WalNumber][]>();
    for (const [key, value] of Object.entries(metrics)) {
      const implied = nextStep(key);
      const place = step === undefined ? implied : Math.round(step);
      bySteps.set(place, [...(bySteps.get(place) ?? []), [key, toWalNumber(value)]]);
    }
    const points = [...bySteps].map(([place, entries]) => ({
      t: Math.round(at),
      step: place,
      m: Object.fromEntries(entries),
    }));
    return [...points, ...(Object.keys(said).length > 0 ? [withStep(said, step)] : [])];
  });
}

/** An artifact keeps the step of its record. */
function withStep(said: Said, step: number | undefined): Said {
  return said.artifact === undefined || step === undefined
    ? said
    : { ...said, artifact: { step: Math.round(step), ...said.artifact } };
}

function toWalNumber(value: number): WalNumber {
  return Number.isFinite(value) ? value : (String(value) as WalNumber);
}

/** JSON text that DuckDB reads too: half a surrogate pair (`"\ud800"` is valid JSON of a job) becomes U+FFFD. */
export function toJson(value: object): string {
  return JSON.stringify(value).replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) =>
    found === '\\\\' ? found : '\\ufffd',
  );
}

/** A line as it was written, undefined when it is torn. */
export function parseWalLine(text: string): WalLine | undefined {
  try {
    const line: Json = JSON.parse(text);
    return typeof line === 'object' && line !== null ? (line as unknown as WalLine) : undefined;
  } catch {
    // A torn line is not an error: the sources still hold what it said.
    return undefined;
  }
}
