/** One curve as a small picture; a pure function of its buckets. */

import { formatShort } from '../qviz/format.ts';
import { type Html, html } from '../qviz/html.ts';

/** What a run logged of one metric between two steps. */
export interface Bucket {
  readonly step: number;
  readonly last: number;
  readonly low: number;
  readonly high: number;
}

const [WIDTH, HEIGHT] = [400, 168];
/** Room for the labels. */
const [LEFT, RIGHT, TOP, BOTTOM] = [56, 12, 8, 22];
const TICKS = 4;

/** The line of the last values over the band from the lowest to the highest; nothing for no bucket. */
export function curveSvg(buckets: readonly Bucket[]): Html | undefined {
  const [first, end] = [buckets[0], buckets.at(-1)];
  if (first === undefined || end === undefined) return undefined;
  const x = scale(first.step, end.step, LEFT, WIDTH - RIGHT);
  const lowest = Math.min(...buckets.map(({ low }) => low));
  const highest = Math.max(...buckets.map(({ high }) => high));
  const y = scale(lowest, highest, HEIGHT - BOTTOM, TOP);
  const line = path(buckets.map(({ step, last }) => [x(step), y(last)]));
  const band = buckets.some(({ low, high }) => low < high);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-size="11" fill="var(--ink3)">${[
    ticks(lowest, highest).map((tick) => yTick(tick, y(tick))),
    ticks(first.step, end.step).map((tick) => xTick(tick, x(tick))),
    band && html`<path d="${bandPath(buckets, x, y)}" fill="var(--s1)" fill-opacity=".16"/>`,
    html`<path d="${line}" fill="none" stroke="var(--s1)" stroke-width="1.8" stroke-linejoin="round"/>`,
    buckets.length === 1 &&
      html`<circle cx="${point(x(first.step))}" cy="${point(y(first.last))}" r="3" fill="var(--s1)"/>`,
  ]}</svg>`;
}

function yTick(value: number, at: number): Html {
  return html`<path d="M${LEFT} ${point(at)}H${WIDTH - RIGHT}" stroke="var(--grid)"/><text x="${LEFT - 6}" y="${point(at + 4)}" text-anchor="end">${formatShort(value, 3)}</text>`;
}

function xTick(value: number, at: number): Html {
  const bottom = HEIGHT - BOTTOM;
  return html`<path d="M${point(at)} ${bottom}v4" stroke="var(--axis)"/><text x="${point(at)}" y="${HEIGHT - 5}" text-anchor="middle">${formatShort(value, 3)}</text>`;
}

function bandPath(
  buckets: readonly Bucket[],
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  const over = buckets.map(({ step, high }) => [x(step), y(high)] as const);
  const under = buckets.map(({ step, low }) => [x(step), y(low)] as const);
  return `${path([...over, ...under.reverse()])}Z`;
}

/** Round values in the range, at most five; the only value where there is one. */
function ticks(low: number, high: number): readonly number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = 10 ** Math.floor(Math.log10(span / TICKS));
  const step =
    [1, 2, 5, 10].map((factor) => factor * rough).find((one) => span / one <= TICKS) ?? rough * 10;
  const from = Math.ceil(low / step);
  const count = Math.floor(high / step) - from + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) =>
    Number(((from + i) * step).toPrecision(12)),
  );
}

/** Values to places; a single value is put in the middle. */
function scale(low: number, high: number, from: number, to: number): (value: number) => number {
  // Halves, so that the span of the largest numbers stays a number.
  const span = high / 2 - low / 2;
  if (!(span > 0)) return () => (from + to) / 2;
  return (value) => from + ((value / 2 - low / 2) / span) * (to - from);
}

function path(places: readonly (readonly [number, number])[]): string {
  return `M${places.map(([x, y]) => `${point(x)} ${point(y)}`).join('L')}`;
}

function point(value: number): string {
  return String(Math.round(value * 10) / 10);
}
