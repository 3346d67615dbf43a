/** The metrics of a run: curves and their summary. */

import type { Row } from '../app/pages-query.ts';
import { CURVES } from '../app/pages-sql.ts';
import type { Json } from '../model/experiment.ts';
import { counted, formatCount, formatNumber } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import { type Bucket, curveSvg } from './curve.ts';
import { section, textOf } from './pieces.ts';

/** The buckets of a row that `curvesSql` gives. */
export function bucketsOf({ buckets }: Row): readonly Bucket[] {
  return Array.isArray(buckets) ? buckets.map((one) => one as unknown as Bucket) : [];
}

/** A small picture of each metric, the objective's first. */
export function curvesSection(
  curves: readonly Row[],
  metrics: readonly Row[],
  objective: string,
): Html {
  if (curves.length === 0) {
    return section(
      'curves',
      'Curves',
      html`<p class="note">Nothing was logged that can be drawn.</p>`,
    );
  }
  const ordered = curves.toSorted(
    (a, b) => Number(b.key === objective) - Number(a.key === objective),
  );
  const rest =
    metrics.length > CURVES &&
    html`<p class="under">${CURVES} of ${counted(metrics.length, 'metric')} are drawn; the table below has all.</p>`;
  return section(
    'curves',
    'Curves',
    html`<div class="grid g3">${ordered.map(curveFigure)}</div>`,
    rest,
  );
}

function curveFigure(row: Row): Html {
  const buckets = bucketsOf(row);
  const [name, points] = [textOf(row.key), Number(row.points)];
  const last = formatNumber(buckets.at(-1)?.last);
  const drawn =
    points > buckets.length
      ? `${formatCount(buckets.length)} of ${counted(points, 'point')}: each bucket’s last value, in the band of its lowest and highest`
      : counted(points, 'point');
  return html`<figure><figcaption><h3>${name} <span class="u">${last}</span></h3></figcaption><div class="plot" role="img" aria-label="Curve of ${name} over steps, ending at ${last}">${curveSvg(buckets)}</div><p class="under">${drawn}</p></figure>`;
}

const COLUMNS = ['last', 'min', 'max', 'best'] as const;

/** Last, lowest, highest and best value of each metric. */
export function metricsSection(metrics: readonly Row[], objective: string): Html {
  if (metrics.length === 0) {
    return section('metrics', 'Metrics', html`<p class="note">It has logged no metrics.</p>`);
  }
  const columns = [
    { title: 'metric' },
    ...COLUMNS.map((title) => ({ title, numeric: true })),
    { title: 'best at step', numeric: true },
    { title: 'last step', numeric: true },
    { title: 'points', numeric: true },
    { title: 'not finite', numeric: true },
  ];
  const rows = metrics.map((row): readonly Content[] => [
    html`${textOf(row.key)}${row.key === objective && html` <span class="u">objective</span>`}`,
    ...COLUMNS.map((name) => formatNumber(row[name])),
    stepText(row.argbest_step),
    stepText(row.last_step),
    stepText(row.count),
    Number(row.nonfinite) > 0 ? html`<strong>${stepText(row.nonfinite)}</strong>` : '0',
  ]);
  return section('metrics', 'Metrics', scrollingTable('Metrics', columns, rows));
}

function stepText(value: Json | undefined): string {
  return typeof value === 'number' ? formatCount(value) : formatNumber(value);
}
