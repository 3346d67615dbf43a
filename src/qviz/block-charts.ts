/** Blocks with pictures: curves, parameters, and the author's own charts and tables. */

import type { JsonObject } from '../model/experiment.ts';
import type {
  ChartBlock,
  CurvesBlock,
  ParamsBlock,
  TableBlock,
  TextBlock,
} from '../model/schema.generated.ts';
import { tableOf } from './answers.ts';
import { curveChart, stripChart } from './charts.ts';
import { COLOURS, coloured } from './configurations.ts';
import { bucketSteps, type Curve, type MetricFacts, metricsOf, readCurves } from './curves.ts';
import { counted, formatCount, formatSample, formatShort, formatValue } from './format.ts';
import { type Html, html } from './html.ts';
import { figure, labelOf, note, type ReportView, scrollingTable } from './page.ts';
import { CONTENT_WIDTH, swatch } from './theme.ts';
import { completeChart } from './user-chart.ts';

/** Parameters that get a chart where the block names none. */
const PARAM_CHARTS = 8;
/** Rows of an author's table that are shown. */
const TABLE_ROWS = 200;

/** Learning curves: one chart a metric, one line a configuration. */
export async function curvesBlock(block: CurvesBlock, view: ReportView, id: string): Promise<Html> {
  const { comparison, definition, metrics } = view;
  const names = metricsOf(block, definition, metrics);
  if (names.length === 0) return note('No run has logged a metric yet.');
  const { size, columns, scrolls } = curveGrid(names.length);
  const figures: Html[] = [];
  for (const [i, name] of names.entries()) {
    const facts = metrics.find(({ key }) => key === name);
    figures.push(
      facts === undefined
        ? html`<figure><figcaption><h3>${name}</h3></figcaption><p class="gap">No run of this report has logged it.</p></figure>`
        : await curveFigure({ block, view, facts, size, scrolls, id: `${id}-${i}` }),
    );
  }
  const others = comparison.configurations.length - coloured(comparison).length;
  return html`${note(
    `Mean over ${definition.group.over} at each step, ± one sample standard deviation where there are several runs. `,
    others > 0
      ? `The ${COLOURS} ${definition.objective === undefined ? 'first' : 'best'} configurations are in colour, others in grey.`
      : '',
  )}${legend(view)}<div class="grid ${columns}">${figures}</div>`;
}

/** Charts that fill the width of the page together, as long as one is not too narrow to be read. */
function curveGrid(charts: number) {
  if (charts === 1) {
    return { columns: 'g1', size: { width: CONTENT_WIDTH, height: 320 }, scrolls: true };
  }
  if (charts === 2 || charts === 4) {
    return { columns: 'g2', size: { width: 599, height: 290 }, scrolls: false };
  }
  return { columns: 'g3', size: { width: 390, height: 260 }, scrolls: false };
}

interface CurveFigure {
  readonly block: CurvesBlock;
  readonly view: ReportView;
  readonly facts: MetricFacts;
  readonly size: { readonly width: number; readonly height: number };
  readonly scrolls: boolean;
  readonly id: string;
}

async function curveFigure({ block, view, facts, size, scrolls, id }: CurveFigure): Promise<Html> {
  const width = bucketSteps(block, facts);
  const curves = readCurves(view.answers, facts.key, width);
  if (curves.every(({ points }) => points.length === 0)) {
    const why =
      facts.nonfinite === facts.points
        ? `No finite value: ${counted(facts.nonfinite, 'point')} NaN or infinite.`
        : 'No point of the runs that are drawn.';
    return html`<figure><figcaption><h3>${facts.key}</h3></figcaption><p class="gap">${why}</p></figure>`;
  }
  return figure(view, id, curveChart(curves, width > 1, size), {
    title: facts.key,
    unit: 'by step',
    alt: curveAlt(view, facts, curves),
    notes: [curveNote(facts, curves, width)],
    ...(scrolls ? { scrolls: facts.key } : {}),
  });
}

function curveAlt(
  { comparison }: ReportView,
  facts: MetricFacts,
  curves: readonly Curve[],
): string {
  const inColour = curves.filter(({ group }) => group < COLOURS).length;
  const first = curves[0];
  const name = first === undefined ? undefined : comparison.configurations[first.group];
  const end = formatShort(first?.points.at(-1)?.mean);
  return `${facts.key} against step, from ${formatShort(facts.firstStep)} to ${formatShort(facts.lastStep)}: ${counted(inColour, 'line')} in colour, ${curves.length - inColour} in grey.${name === undefined ? '' : ` ${labelOf(name)} ends at ${end}.`}`;
}

function curveNote(facts: MetricFacts, curves: readonly Curve[], width: number): string {
  const logged = curves.reduce((sum, curve) => sum + curve.logged, 0);
  const drawn = curves.reduce((sum, curve) => sum + curve.points.length, 0);
  return [
    `${formatCount(drawn)} means of ${formatCount(logged)} points${logged < facts.points - facts.nonfinite ? ` (${formatCount(facts.points)} logged)` : ''}`,
    width > 1
      ? `last value in each bucket of ${width} steps, lowest to highest as the faint area`
      : '',
    `all values from ${formatShort(facts.lowest, 3)} to ${formatShort(facts.highest, 3)}`,
    facts.nonfinite > 0 ? `${formatCount(facts.nonfinite)} NaN or infinite, not drawn` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function legend({ comparison }: ReportView): Html {
  const chips = coloured(comparison).map((configuration) => {
    const { mean } = formatSample(configuration.objective);
    return html`<li class="chip">${swatch(configuration.index)}<span>${labelOf(configuration)}</span>${configuration.rank !== undefined && html` <span class="m">${mean}</span>`}</li>`;
  });
  return html`<ul class="legend" aria-label="Colours of the configurations">${chips}</ul>`;
}

/** The objective by the value of each parameter that varies: one small chart a parameter. */
export async function paramsBlock(block: ParamsBlock, view: ReportView, id: string): Promise<Html> {
  const { comparison, definition } = view;
  const { objective } = definition;
  if (objective === undefined)
    return note('Without an objective there is nothing to draw parameters against.');
  const varying = comparison.by.filter(
    (key) => new Set(comparison.configurations.map(({ values }) => values[key])).size > 1,
  );
  const keys = block.params ?? varying.slice(0, PARAM_CHARTS);
  if (keys.length === 0) return note('No parameter varies between the configurations.');
  const { size, columns } = stripGrid(keys.length);
  const figures: Html[] = [];
  for (const [i, key] of keys.entries()) {
    const chart = stripChart(
      comparison,
      { key, scale: definition.scales[key] },
      objective.goal,
      size,
    );
    figures.push(
      chart === undefined
        ? html`<figure><figcaption><h3>${key}</h3></figcaption><p class="gap">No succeeded run has both a value of it and of ${objective.metric}.</p></figure>`
        : await figure(view, `${id}-${i}`, chart.spec, {
            title: key,
            alt: `${objective.metric} of each succeeded run by ${key}.`,
            notes: chart.notes,
          }),
    );
  }
  const left = block.params === undefined ? varying.length - keys.length : 0;
  return html`${note(
    html`One point is one succeeded run, by its ${objective.of} <code>${objective.metric}</code>; a bar is the median at a value.`,
    left > 0
      ? ` ${counted(left, 'more parameter')} vary; name them in the block to draw them.`
      : '',
  )}<div class="grid ${columns}">${figures}</div>`;
}

function stripGrid(charts: number) {
  if (charts < 3) return { columns: 'g2', size: { width: 599, height: 260 } };
  if (charts === 3) return { columns: 'g3', size: { width: 390, height: 240 } };
  return { columns: 'g4', size: { width: 289, height: 220 } };
}

/** An author's chart: the answer of its SQL under its Vega-Lite. @throws LTX_REPORT_INVALID, or the query's code. */
export async function chartBlock(block: ChartBlock, view: ReportView, id: string): Promise<Html> {
  const table = tableOf(view.answers, id);
  if (table.rows.length === 0) return note('The query gives no rows.');
  const { spec, notes } = completeChart(block.spec as JsonObject, table);
  return figure(view, id, spec, { alt: block.alt, notes, scrolls: block.title });
}

/** An author's table. @throws the query's code. */
export function tableBlock(block: TableBlock, view: ReportView, id: string): Html {
  const { columns, rows, truncated } = tableOf(view.answers, id);
  const isNumber = (i: number) =>
    rows.every((row) => row[i] === null || typeof row[i] === 'number');
  const shown = rows.slice(0, TABLE_ROWS);
  const cells = shown.map((row) =>
    row.map((value) => (typeof value === 'number' ? formatShort(value) : formatValue(value))),
  );
  const cut = truncated || shown.length < rows.length;
  return html`<div class="free">${cut && note(`The first ${shown.length} of ${truncated ? 'more than ' : ''}${counted(rows.length, 'row')}.`)}${scrollingTable(
    block.title,
    columns.map(({ name }, i) => ({ title: name, numeric: isNumber(i) })),
    cells,
  )}</div>`;
}

/** An author's text: an empty line starts a paragraph. */
export function textBlock(block: TextBlock): Html {
  return html`<div class="text">${block.text
    .split(/\n\s*\n/)
    .filter((text) => text.trim() !== '')
    .map((text) => html`<p>${text.trim()}</p>`)}</div>`;
}
