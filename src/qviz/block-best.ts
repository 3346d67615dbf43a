/** The configurations side by side: the best by objective, and where their parameters differ. */

import type { BestBlock, DiffBlock } from '../model/schema.generated.ts';
import { rowsOf, textOf } from './answers.ts';
import { type Comparison, type Configuration, isNumeric } from './configurations.ts';
import { counted, formatSeconds } from './format.ts';
import { type Content, type Html, html } from './html.ts';
import {
  type Column,
  labelOf,
  note,
  paramText,
  type ReportView,
  sampleText,
  scrollingTable,
  statusCounts,
} from './page.ts';
import { seriesColour, swatch } from './theme.ts';

/** Parameters that get a column of their own. */
const PARAM_COLUMNS = 8;

/** The best configurations by objective; without one, the configurations in the order of their values. */
export function bestBlock({ top = 10 }: BestBlock, view: ReportView): Html {
  const { definition, comparison } = view;
  const { objective, group } = definition;
  const ranked = comparison.configurations.filter(({ rank }) => rank !== undefined);
  if (comparison.runs.length === 0) return note('There are no runs yet.');
  if (objective !== undefined && ranked.length === 0) {
    return note(
      html`No run has succeeded with a value of <code>${objective.metric}</code> yet: ${statusCounts(comparison.runs)}.`,
    );
  }
  const shown = (objective === undefined ? comparison.configurations : ranked).slice(0, top);
  const unranked = comparison.configurations.length - ranked.length;
  const explained =
    objective === undefined
      ? html`Nothing can be ranked: the experiment declares no objective. Add <code>objective: { metric, goal }</code> to it or to the report.`
      : html`Mean of the ${objective.of} <code>${objective.metric}</code> of each run over <code>${group.over}</code>, ± one sample standard deviation, ${objective.goal === 'minimize' ? 'lowest' : 'highest'} first: ${shown.length} of ${counted(comparison.configurations.length, 'configuration')}${unranked > 0 && ` (${unranked} without a succeeded run that has a value)`}. Rows share their colour with every chart below.${divergedText(comparison)}`;
  return html`${note(explained)}${bestTable(shown, view)}`;
}

/** A value that was taken before or between NaNs is not what people expect of a run that succeeded. */
function divergedText({ configurations }: Comparison): string {
  const diverged = configurations
    .flatMap(({ runs }) => runs)
    .filter(({ status, nonfinite }) => status === 'succeeded' && nonfinite > 0).length;
  return diverged === 0
    ? ''
    : ` ${counted(diverged, 'succeeded run')} also logged NaN or infinite values of it: only finite ones count.`;
}

function bestTable(shown: readonly Configuration[], view: ReportView): Html {
  const { objective } = view.definition;
  const keys = view.comparison.by.slice(0, PARAM_COLUMNS);
  const params = keys.map((key) => ({
    title: key,
    numeric: shown.every(({ values }) => isNumeric(values[key] ?? '0')),
  }));
  const columns: readonly Column[] = [
    { title: '#', numeric: true },
    ...(keys.length === 0 ? [{ title: 'configuration' }] : params),
    ...(objective === undefined
      ? []
      : [
          { title: objective.metric, numeric: true },
          { title: html`<span class="vh">interval</span>` },
        ]),
    { title: 'time a run', numeric: true },
    { title: 'runs', numeric: true },
  ];
  const range = rangeOf(shown);
  const rows = shown.map((configuration): readonly Content[] => {
    const { value, unit } = formatSeconds(configuration.seconds.mean);
    return [
      html`${swatch(configuration.index)}${configuration.index + 1}`,
      ...(keys.length === 0
        ? [labelOf(configuration)]
        : keys.map((key) => html`<span class="p">${paramText(configuration.values[key])}</span>`)),
      ...(objective === undefined
        ? []
        : [sampleText(configuration.objective), interval(configuration, range)]),
      html`${value} <span class="u">${unit}</span>`,
      runsText(configuration),
    ];
  });
  const hidden = view.comparison.by.length - keys.length;
  return html`${scrollingTable('Table of the best configurations', columns, rows)}${hidden > 0 && html`<p class="under">${counted(hidden, 'more parameter')}: see the differences below.</p>`}`;
}

/** `5`, or `4 of 5` with what became of the others. */
function runsText({ runs, objective }: Configuration): Html {
  const others = runs.filter(({ status }) => status !== 'succeeded');
  const gaps = [
    objective.missing > 0 && objective.n > 0 ? `${objective.missing} without a value` : '',
    statusCounts(others),
  ].filter((gap) => gap !== '');
  const n = runs.length - others.length;
  return gaps.length === 0
    ? html`${n}`
    : html`${n} <span class="u">of ${runs.length} (${gaps.join(', ')})</span>`;
}

function rangeOf(shown: readonly Configuration[]): readonly [number, number] {
  const ends = shown.flatMap(({ objective: { mean, sd = 0 } }) =>
    mean === undefined ? [] : [mean - sd, mean + sd],
  );
  return [Math.min(...ends), Math.max(...ends)];
}

/** The mean as a dot on a line of one deviation to each side, on the scale of all rows. */
function interval(
  { index, objective: { mean, sd = 0 } }: Configuration,
  [low, high]: readonly [number, number],
): Html | undefined {
  if (mean === undefined) return undefined;
  const place = (value: number) =>
    (high > low ? 5 + ((value - low) / (high - low)) * 110 : 60).toFixed(1);
  const colour = swatch(index) === undefined ? 'var(--ink3)' : seriesColour(index);
  return html`<svg class="bar" viewBox="0 0 120 14" width="120" height="14" aria-hidden="true"><line x1="0" x2="120" y1="7" y2="7" stroke="var(--grid)"/><line x1="${place(mean - sd)}" x2="${place(mean + sd)}" y1="7" y2="7" stroke="${colour}" stroke-width="3" stroke-linecap="round" opacity=".45"/><circle cx="${place(mean)}" cy="7" r="3.4" fill="${colour}"/></svg>`;
}

/** Parameters of the baseline and the best configurations; what differs from the first column is marked. */
export function diffBlock({ top = 5 }: DiffBlock, view: ReportView): Html {
  const { comparison, answers } = view;
  const best = comparison.configurations.filter((one) => one !== comparison.baseline).slice(0, top);
  const shown = comparison.baseline === undefined ? best : [comparison.baseline, ...best];
  if (shown.length === 0) return note('There are no runs yet.');
  const keys = [
    ...new Set(shown.flatMap(({ runs }) => runs.flatMap(({ params }) => Object.keys(params)))),
  ].sort();
  const rows = keys.map((key) => {
    const values = shown.map((configuration) => sharedValue(configuration, key));
    return [
      html`<code>${key}</code>`,
      ...values.map((value, i) => cell(value, i > 0 && value !== values[0])),
    ];
  });
  const columns = [
    { title: 'parameter' },
    ...shown.map((configuration) => ({
      title: html`${swatch(configuration.index)}${configuration === comparison.baseline ? 'baseline' : ''}${configuration.rank !== undefined && ` #${configuration.rank}`}`,
    })),
  ];
  const objective = view.definition.objective;
  const result =
    objective === undefined
      ? []
      : [
          [
            html`<code>${objective.metric}</code>`,
            ...shown.map((one) => sampleText(one.objective)),
          ],
        ];
  const constants = rowsOf(answers, 'constants').map((row) => [
    html`<code>${textOf(row.key)}</code>`,
    textOf(row.value),
  ]);
  return html`${note(
    keys.length === 0
      ? 'All runs have the same parameters.'
      : comparison.baseline === undefined
        ? 'Parameters that differ between runs, for the best configurations. Cells that differ from the first are marked.'
        : 'Parameters that differ between runs, for the baseline and the best configurations. Cells that differ from the baseline are marked.',
  )}<div class="diff">${scrollingTable('Table of configuration differences', columns, [...rows, ...result])}</div>${
    constants.length > 0 &&
    html`<details><summary>${counted(constants.length, 'parameter')} equal in all runs</summary>${scrollingTable('Table of equal parameters', [{ title: 'parameter' }, { title: 'value' }], constants)}</details>`
  }`;
}

function cell(value: string, differs: boolean): Html {
  const text = html`<code class="p">${value}</code>`;
  return differs ? html`<mark>${text}<span class="vh"> (differs)</span></mark>` : text;
}

function sharedValue({ runs }: Configuration, key: string): string {
  const values = [...new Set(runs.map(({ params }) => paramText(params[key])))];
  return values.length <= 1 ? (values[0] ?? '') : `${values.length} values`;
}
