/** Pieces that several blocks are made of. */

import type { Answers } from './answers.ts';
import type { Comparison, Configuration, RunRow } from './configurations.ts';
import type { MetricFacts } from './curves.ts';
import type { ReportDefinition } from './definition.ts';
import { formatSample, MISSING } from './format.ts';
import { type Content, type Html, html, trusted } from './html.ts';
import type { Sample } from './stats.ts';
import type { ChartSpec, RenderChart } from './theme.ts';

/** All that a block can tell of. */
export interface ReportView {
  readonly definition: ReportDefinition;
  readonly answers: Answers;
  readonly comparison: Comparison;
  readonly metrics: readonly MetricFacts[];
  readonly render: RenderChart;
}

/** A part of the page with a heading of its own. */
export interface Section {
  readonly id: string;
  /** Empty: a part without a heading. */
  readonly title: string;
  /** In the navigation. */
  readonly short: string;
  readonly body: Html;
  /** Why its body is an error, where it is one. */
  readonly problem?: string;
}

export interface Column {
  readonly title: Content;
  readonly numeric?: boolean;
}

/** A table that scrolls sideways by itself, reachable by keyboard; the first cell of a row names it. */
export function scrollingTable(
  label: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[],
): Html {
  const classOf = (i: number) => (columns[i]?.numeric ? html` class="num"` : '');
  const cell = (content: Content, i: number) =>
    i === 0
      ? html`<th scope="row"${classOf(i)}>${content}</th>`
      : html`<td${classOf(i)}>${content}</td>`;
  return html`<div class="tw" tabindex="0" role="group" aria-label="${label}, scrollable"><table><thead><tr>${columns.map(
    ({ title }, i) => html`<th scope="col"${classOf(i)}>${title}</th>`,
  )}</tr></thead><tbody>
${rows.map((cells) => html`<tr>${cells.map(cell)}</tr>\n`)}</tbody></table></div>`;
}

export interface FigureText {
  /** Undefined where the section's heading is enough. */
  readonly title?: string;
  /** Beside the title: how to read it. */
  readonly unit?: string;
  /** What the picture shows, in words. */
  readonly alt: string;
  /** Under the picture: what it leaves out. */
  readonly notes: readonly string[];
  /** The name of a box in which a wide picture scrolls sideways, where it may not shrink until nobody can read it. */
  readonly scrolls?: string;
}

/** A rendered chart with its heading, its alternative text and what it leaves out. */
export async function figure(
  { render }: ReportView,
  id: string,
  spec: ChartSpec,
  { title, unit, alt, notes, scrolls }: FigureText,
): Promise<Html> {
  const svg = await render(spec, id);
  const caption =
    title !== undefined &&
    html`<figcaption><h3>${title}${unit !== undefined && html` <span class="u">${unit}</span>`}</h3></figcaption>`;
  const plot = html`<div class="plot" role="img" aria-label="${alt}">${trusted(svg)}</div>`;
  const picture =
    scrolls === undefined
      ? plot
      : html`<div class="wide" tabindex="0" role="group" aria-label="${scrolls}, scrollable">${plot}</div>`;
  return html`<figure>${caption}${picture}${notes.map(
    (text) => html`<p class="under">${text}</p>`,
  )}</figure>`;
}

/** A paragraph above a block's content. */
export function note(...content: readonly Content[]): Html {
  return html`<p class="note">${content}</p>`;
}

/** `0.9394 ± 0.0025`, the spread paler; a dash where nothing was measured. */
export function sampleText(sample: Sample): Html {
  const { mean, sd } = formatSample(sample);
  return html`${mean}${sd !== undefined && html` <span class="u">± ${sd}</span>`}`;
}

const TONES: readonly (readonly [string, readonly string[]])[] = [
  ['ok', ['succeeded']],
  ['run', ['claimed', 'starting', 'running', 'collecting']],
  ['bad', ['failed', 'timed_out', 'lost']],
  ['wait', ['queued']],
];

/** The colour of a status, as a CSS variable's name: ok, run, bad, wait or off. */
export function toneOf(status: string): string {
  return TONES.find(([, statuses]) => statuses.includes(status))?.[0] ?? 'off';
}

/** A status as a dot and a word: never the colour alone. */
export function statusText(status: string, reason = ''): Html {
  const word = status.replaceAll('_', ' ');
  const why = reason === '' || reason === status ? '' : html` <span class="u">${reason}</span>`;
  return html`<span class="st"><i class="i-${toneOf(status)}"></i>${word}${why}</span>`;
}

/** `2 running, 1 failed`: how many of the runs are in each status, the most frequent first. */
export function statusCounts(runs: readonly Pick<RunRow, 'status'>[]): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .map(([status, n]) => `${n} ${status.replaceAll('_', ' ')}`)
    .join(', ');
}

/** The name of a configuration in a sentence. */
export function labelOf(configuration: Configuration): string {
  return configuration.label === '' ? 'the only configuration' : configuration.label;
}

/** The value of a parameter as a cell; absent parameters are a dash. */
export function paramText(value: string | undefined): string {
  return value ?? MISSING;
}
