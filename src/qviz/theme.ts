/** Looks that charts share with the page. Colours are CSS variables: one SVG serves light, dark and print. */

import { type Html, html } from './html.ts';

/** Vega-Lite, as far as it is only passed on. */
export type ChartSpec = Readonly<Record<string, unknown>>;

/** A Vega-Lite specification with its data as SVG text; `id` makes the ids inside unique on a page. */
export type RenderChart = (spec: ChartSpec, id: string) => Promise<string>;

/** Width of the page's content in pixels on a large screen: `.wrap` of src/web/style.css without its padding. */
export const CONTENT_WIDTH = 1224;

/** Colour and dash of the best six: the palette is checked for colour-blind eyes (design/ui.md), the dash is the second channel. */
export const SERIES = [1, 2, 3, 4, 5, 6].map((i) => `var(--s${i})`);
export const DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [7, 3],
  [2, 2.5],
  [10, 3, 2, 3],
  [5, 2, 2, 2, 2, 2],
  [14, 4],
];

/** Vega-Lite's `config` of every chart. Continuous scales mix colours, which variables cannot: they get fixed ones. */
export const CHART_CONFIG: ChartSpec = {
  background: null,
  font: 'inherit',
  padding: { left: 2, right: 4, top: 6, bottom: 2 },
  view: { stroke: null },
  axis: {
    labelColor: 'var(--ink3)',
    titleColor: 'var(--ink2)',
    labelFontSize: 11.5,
    titleFontSize: 12,
    titleFontWeight: 500,
    titlePadding: 7,
    gridColor: 'var(--grid)',
    domainColor: 'var(--axis)',
    tickColor: 'var(--axis)',
    tickSize: 4,
    labelPadding: 4,
  },
  axisX: { grid: false },
  axisXDiscrete: { labelAngle: 0, labelOverlap: 'greedy' },
  axisY: { domain: false, ticks: false },
  legend: {
    labelColor: 'var(--ink2)',
    titleColor: 'var(--ink2)',
    labelFontSize: 11.5,
    labelLimit: 320,
    titleFontWeight: 500,
  },
  header: { labelColor: 'var(--ink2)', titleColor: 'var(--ink2)' },
  title: { color: 'var(--ink)' },
  mark: { color: 'var(--s1)' },
  line: { strokeCap: 'round', strokeJoin: 'round' },
  rule: { color: 'var(--ink3)' },
  text: { color: 'var(--ink2)', fontSize: 11.5 },
  range: {
    category: SERIES,
    ordinal: SERIES,
    ramp: ['#a9cfdc', '#226f8b'],
    heatmap: ['#a9cfdc', '#226f8b'],
  },
};

/** The colour of a configuration by its place; grey beyond the sixth. */
export function seriesColour(index: number): string {
  return SERIES[index] ?? 'var(--ctx)';
}

/** A short line in the colour and dash of a configuration; nothing for those in grey. */
export function swatch(index: number): Html | undefined {
  const dash = DASHES[index];
  if (dash === undefined) return undefined;
  const pattern = dash[1] === 0 ? 'none' : dash.join(' ');
  return html`<svg class="sw" width="22" height="10" aria-hidden="true"><line x1="0" y1="5" x2="22" y2="5" stroke="${seriesColour(index)}" stroke-width="2.5" stroke-dasharray="${pattern}"/></svg>`;
}
