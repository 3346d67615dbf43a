/** Vega-Lite of the ready blocks: curves with bands, and the objective by a parameter's value. */

import { byValue, COLOURS, type Comparison, isNumeric } from './configurations.ts';
import type { Curve, CurvePoint } from './curves.ts';
import { finite, quantile } from './stats.ts';
import { CHART_CONFIG, type ChartSpec, DASHES, SERIES } from './theme.ts';

/** Points of one strip chart at most: every n-th run by rank, the coloured ones always. */
const STRIP_POINTS = 600;
/** Values of a parameter up to which each gets a column and a median of its own. */
const FEW_VALUES = 10;
/** Share of a curve that the vertical range ignores: losses fall from anywhere. */
const WARM_UP = 0.07;

/** Share of an axis that is left free at each end: half a bar of a median, and the scatter. */
const STRIP_MARGIN = 0.12;
/** `20`, `0.001`, `1.5k`, `2e-7`: Vega's own formats write 20 as `2e+1`, or 0.5 as `500m`. */
const NUMBER_LABEL = `!datum.value ? '0' : abs(datum.value) < 1e-4 || abs(datum.value) >= 1e15 ? format(datum.value, '.12~e') : format(datum.value, abs(datum.value) < 1000 ? '.12~r' : '.12~s')`;

const SERIES_DOMAIN = SERIES.map((_, i) => i);

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A chart, and what it does not show, in words. */
export interface Chart {
  readonly spec: ChartSpec;
  readonly notes: readonly string[];
}

/** Mean lines of all curves, the best in colour with a band of one deviation and a faint one from lowest to highest. */
export function curveChart(curves: readonly Curve[], bucketed: boolean, size: Size): ChartSpec {
  const best = curves.filter(({ group }) => group < COLOURS);
  const rows = best.flatMap((curve) => curve.points.map((point) => curveRow(curve, point)));
  const context = curves
    .filter(({ group }) => group >= COLOURS)
    .flatMap(({ group, points }) => points.map(({ x, mean }) => ({ k: group, x, y: round(mean) })));
  const domain = curveRange(best);
  const steps = curves.flatMap(({ points }) => points.map(({ x }) => x));
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { domain: extent(steps) ?? [0, 1], nice: false, zero: false },
    axis: { tickCount: 5, title: null, labelExpr: NUMBER_LABEL },
  };
  const scale = { domain, nice: false, zero: false };
  const axis = { tickCount: 5, title: null, labelExpr: NUMBER_LABEL };
  const y = (field: string) => ({ field, type: 'quantitative', scale, axis });
  const color = series('color', SERIES);
  const area = (low: string, high: string, opacity: number, from: object[]) => ({
    data: { values: from },
    mark: { type: 'area', clip: true, opacity },
    encoding: { x, y: y(low), y2: { field: high }, ...color },
  });
  const point = curves.every(({ points }) => points.length <= 15) ? { size: 22 } : false;
  return base(size, [
    {
      data: { values: context },
      mark: { type: 'line', stroke: 'var(--ctx)', strokeWidth: 0.7, opacity: 0.75, clip: true },
      encoding: { x, y: y('y'), detail: { field: 'k' } },
    },
    ...(bucketed ? [area('low', 'high', 0.07, rows)] : []),
    area(
      'from',
      'to',
      0.15,
      rows.filter(({ from }) => from !== undefined),
    ),
    {
      data: { values: rows },
      mark: { type: 'line', strokeWidth: 2, clip: true, point },
      encoding: { x, y: y('y'), ...color, ...series('strokeDash', DASHES) },
    },
  ]);
}

/** The objective of every counted run by the value of one parameter; undefined when no run has an objective. */
export function stripChart(
  comparison: Comparison,
  parameter: { readonly key: string; readonly scale: 'linear' | 'log' | undefined },
  goal: 'minimize' | 'maximize',
  size: Size,
): Chart | undefined {
  const all = comparison.configurations.flatMap(({ index, runs }) =>
    runs.flatMap(({ params, objective, status }) => {
      const value = params[parameter.key];
      const counts = status === 'succeeded' && typeof objective === 'number';
      return counts && value !== undefined ? [{ k: index, value, y: objective }] : [];
    }),
  );
  const domain = objectiveRange(
    all.map(({ y }) => y),
    goal,
  );
  if (domain === undefined) return undefined;
  const inside = all.filter(({ y }) => y >= domain[0] && y <= domain[1]);
  const every = Math.ceil(inside.length / STRIP_POINTS);
  const drawn = inside.filter(({ k }, i) => k < COLOURS || i % every === 0);
  const values = [...new Set(all.map(({ value }) => value))].sort(byValue);
  const axis = stripAxis(values, parameter.scale);
  const rows = drawn.map(({ k, value, y }, i) => ({
    k,
    // A fixed scatter within the column: the same input gives the same picture.
    ...axis.place(value, (((i * 7919) % 17) / 8 - 1) * 0.7),
    y: round(y),
  }));
  const medians = values.map((value) => {
    const own = all.filter((row) => row.value === value).map(({ y }) => y);
    return { ...axis.place(value, 0), y: quantile(own, 0.5) ?? Number.NaN };
  });
  const notes = [
    inside.length < all.length
      ? `${all.length - inside.length} of ${all.length} runs lie outside the drawn range.`
      : '',
    drawn.length < inside.length ? `${drawn.length} of ${inside.length} runs are drawn.` : '',
  ].filter((note) => note !== '');
  const shown = medians.filter(({ y }) => y >= domain[0] && y <= domain[1]);
  return { spec: stripSpec(rows.reverse(), shown, { axis, values, domain, size }), notes };
}

/** Where a row stands: its value, and for columns the place across one from -1 to 1. */
interface StripPlace {
  readonly x: string | number;
  readonly j?: number;
}

interface StripRow extends StripPlace {
  readonly y: number;
}

interface StripAxis {
  readonly x: object;
  readonly isOrdinal: boolean;
  readonly place: (value: string, across: number) => StripPlace;
}

interface StripAxes {
  readonly axis: StripAxis;
  readonly values: readonly string[];
  readonly domain: readonly [number, number];
  readonly size: Size;
}

function stripSpec(
  rows: readonly (StripRow & { readonly k: number })[],
  medians: readonly StripRow[],
  { axis: { x, isOrdinal }, values, domain, size }: StripAxes,
): ChartSpec {
  const few = values.length <= FEW_VALUES;
  const y = {
    field: 'y',
    type: 'quantitative',
    scale: { domain, nice: false, zero: false },
    axis: { tickCount: 5, title: null, labelExpr: NUMBER_LABEL },
  };
  const across = { field: 'j', type: 'quantitative', scale: { domain: [-1, 1] } };
  const place = { x, y, ...(isOrdinal ? { xOffset: across } : {}) };
  const points = {
    data: { values: rows },
    mark: { type: 'circle', size: 20 },
    encoding: {
      ...place,
      color: {
        condition: { test: `datum.k < ${COLOURS}`, ...series('color', SERIES).color },
        value: 'var(--ctx)',
      },
      opacity: { value: 0.9 },
    },
  };
  const width = Math.min(46, (size.width / values.length) * 0.62);
  const bars = {
    data: { values: medians },
    mark: { type: 'tick', orient: 'horizontal', size: width, thickness: 2, color: 'var(--ink)' },
    encoding: place,
  };
  return base(size, few || isOrdinal ? [points, bars] : [points]);
}

function stripAxis(values: readonly string[], wanted: 'linear' | 'log' | undefined): StripAxis {
  const axis = { title: null, grid: false, labelAngle: 0, labelOverlap: true };
  const kind = axisKind(values, wanted);
  if (kind === 'ordinal') {
    const scale = { domain: values, padding: 0.18 };
    return {
      x: { field: 'x', type: 'ordinal', scale, axis: { ...axis, labelLimit: 80 } },
      isOrdinal: true,
      place: (x, j) => ({ x, j }),
    };
  }
  const few = values.length <= FEW_VALUES;
  const numbers = values.map(Number);
  const on = kind === 'log' ? Math.log10 : (value: number) => value;
  const back = kind === 'log' ? (value: number) => 10 ** value : on;
  const places = numbers.map(on);
  const [low, high] = extent(places) ?? [0, 0];
  const span = high - low || Math.abs(low) || 1;
  const domain = [low - span * STRIP_MARGIN, high + span * STRIP_MARGIN].map(back);
  // Few values are columns, as wide as their closest neighbours allow; of many each stands at its own place.
  const gaps = places.slice(1).map((place, i) => place - (places[i] ?? place));
  const reach = few ? Math.min(span * 0.08, ...gaps.map((gap) => gap / 3)) : 0;
  // Of many, Vega leaves out the labels of a logarithmic axis that would be too close.
  const ticks = few
    ? { values: numbers, labelExpr: NUMBER_LABEL }
    : { tickCount: 4, format: '~g', labelExpr: `datum.label === '' ? '' : ${NUMBER_LABEL}` };
  return {
    x: {
      field: 'x',
      type: 'quantitative',
      scale: { type: kind, domain, zero: false, nice: false },
      axis: { ...axis, ...ticks },
    },
    isOrdinal: false,
    place: (value, across) => ({
      x: across === 0 ? Number(value) : round(back(on(Number(value)) + across * reach)),
    }),
  };
}

function axisKind(values: readonly string[], scale: 'linear' | 'log' | undefined) {
  const numbers = values.filter(isNumeric).map(Number);
  if (numbers.length < values.length || (scale === undefined && values.length <= FEW_VALUES)) {
    return 'ordinal';
  }
  const [low = 0, high = 0] = extent(numbers) ?? [];
  if (low <= 0) return 'linear';
  return scale ?? (high / low >= 30 ? 'log' : 'linear');
}

/** The range of the values; far outliers on the bad side are cut off, or they would flatten everything else. */
function objectiveRange(
  values: readonly number[],
  goal: 'minimize' | 'maximize',
): readonly [number, number] | undefined {
  const all = extent(values);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((q) => quantile(values, q));
  if (all === undefined || low === undefined || middle === undefined || high === undefined) {
    return undefined;
  }
  const reach = 4 * (high - low);
  const kept = finite(values).filter((value) =>
    goal === 'maximize' ? value >= middle - reach : value <= middle + reach,
  );
  return widened(reach > 0 ? (extent(kept) ?? all) : all);
}

/** The range of the coloured curves after their first part, with room for the band. */
function curveRange(best: readonly Curve[]): readonly [number, number] {
  const settled = best.flatMap(({ points }) => points.slice(Math.floor(points.length * WARM_UP)));
  const ends = settled.flatMap(({ mean, sd = 0 }) => [mean - sd, mean + sd]);
  return widened(extent(ends) ?? [0, 1]);
}

function widened([low, high]: readonly [number, number]): readonly [number, number] {
  const margin = high > low ? (high - low) * 0.08 : Math.abs(low) * 0.1 || 0.5;
  return [low - margin, high + margin];
}

function extent(values: readonly number[]): readonly [number, number] | undefined {
  if (values.length === 0) return undefined;
  // Not Math.min(...values): that many arguments overflow the stack.
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function curveRow({ group }: Curve, { x, mean, sd, low, high }: CurvePoint) {
  const band = sd === undefined ? {} : { from: round(mean - sd), to: round(mean + sd) };
  return { k: group, x, y: round(mean), low: round(low), high: round(high), ...band };
}

function series<Channel extends string>(channel: Channel, range: readonly unknown[]) {
  const encoding = {
    field: 'k',
    type: 'nominal',
    scale: { domain: SERIES_DOMAIN, range },
    legend: null,
  };
  return { [channel]: encoding } as Record<Channel, typeof encoding>;
}

function base(size: Size, layer: readonly object[]): ChartSpec {
  return {
    ...size,
    config: CHART_CONFIG,
    autosize: { type: 'fit', contains: 'padding' },
    layer,
  };
}

function round(value: number): number {
  return Number(value.toPrecision(6));
}
