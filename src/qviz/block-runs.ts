/** The runs one by one: what failed and why, and all of them. */

import type { Json } from '../model/experiment.ts';
import { rowsOf, textOf } from './answers.ts';
import { byValue, isNumeric, type RunRow } from './configurations.ts';
import {
  counted,
  formatCount,
  formatNumber,
  formatSeconds,
  formatTime,
  shortId,
} from './format.ts';
import { type Content, type Html, html } from './html.ts';
import {
  type Column,
  note,
  paramText,
  type ReportView,
  scrollingTable,
  statusText,
} from './page.ts';
import { swatch } from './theme.ts';

/** Rows of the table of all runs; the others are counted. */
const RUN_ROWS = 500;
const PARAM_COLUMNS = 6;
/** Characters of an error that are shown: its end says what happened. */
const ERROR_LENGTH = 400;

const REASONS: Readonly<Record<string, string>> = {
  exit: 'the program ended with an error',
  signal: 'the program was ended by a signal',
  oom: 'out of memory',
  timeout: 'longer than its timeout',
  cancelled: 'cancelled by somebody',
  lost: 'its process vanished',
  evicted: 'evicted by the cluster',
  preempted: 'preempted by the cluster',
  image: 'its image could not be had',
  unschedulable: 'no place in the cluster',
  setup: 'its setup command failed',
  disk: 'no room on the disk',
  infra: 'its surroundings failed',
  requeue: 'it asked to be queued again',
  config: 'its configuration does not work here',
};

/** Runs that did not succeed by reason, each with the newest example and its last words. */
export function failuresBlock({ answers, comparison }: ReportView): Html {
  const rows = rowsOf(answers, 'failures');
  if (rows.length === 0) {
    return note(comparison.runs.length === 0 ? 'There are no runs yet.' : 'No run has failed.');
  }
  const columns = [
    { title: 'status' },
    { title: 'why' },
    { title: 'runs', numeric: true },
    { title: 'newest example' },
    { title: 'what it said last' },
  ];
  const cells = rows.map((row): readonly Content[] => [
    statusText(textOf(row.status)),
    reasonText(textOf(row.reason), row.exit_code),
    formatNumber(row.runs),
    html`<code>${shortId(textOf(row.run_id))}</code> <span class="u">${textOf(row.trial)}</span>`,
    lastWords(textOf(row.error)),
  ]);
  return html`${note('Grouped by reason. ', html`<code>lightex logs RUN</code> shows all that a run printed.`)}${scrollingTable('Table of failures', columns, cells)}`;
}

/** Why a run ended so, in words. */
export function reasonText(reason: string, exitCode: Json | undefined): string {
  const words = REASONS[reason] ?? (reason === '' ? 'no reason given' : reason);
  return reason === 'exit' && typeof exitCode === 'number' ? `${words} (exit ${exitCode})` : words;
}

function lastWords(error: string): Content {
  const text = error.trim();
  if (text === '') return html`<span class="u">nothing</span>`;
  const shown = text.length > ERROR_LENGTH ? `…${text.slice(-ERROR_LENGTH)}` : text;
  return html`<code class="err">${shown}</code>`;
}

/** All runs, the best configuration first; at most 500 rows. */
export function runsBlock(view: ReportView): Html {
  const { comparison, definition } = view;
  const { by, runs, total } = comparison;
  if (runs.length === 0) return note('There are no runs yet.');
  const { over } = definition.group;
  const keys = by.filter((key) => key !== over).slice(0, PARAM_COLUMNS);
  const repeats = runs.some(({ params }) => params[over] !== undefined);
  const places = new Map(
    comparison.configurations.flatMap(({ index, runs: own }) =>
      own.map(({ id }) => [id, index] as const),
    ),
  );
  const place = (run: RunRow) => places.get(run.id) ?? Number.POSITIVE_INFINITY;
  const ordered = [...runs].sort(
    // Infinity minus itself is NaN: compare before subtracting.
    (a, b) =>
      place(a) === place(b) ? byValue(a.params[over], b.params[over]) : place(a) - place(b),
  );
  const shown = ordered.slice(0, RUN_ROWS);
  const superseded = runs.filter((run) => run.superseded).length;
  const paramColumn = (key: string): Column => ({
    title: key,
    numeric: runs.every(({ params }) => isNumeric(params[key] ?? '0')),
  });
  const columns: readonly Column[] = [
    { title: 'run' },
    { title: 'status' },
    ...[...keys, ...(repeats ? [over] : [])].map(paramColumn),
    ...(definition.objective === undefined
      ? []
      : [{ title: definition.objective.metric, numeric: true }]),
    { title: 'time', numeric: true },
    { title: 'started' },
    { title: 'commit' },
  ];
  const rows = shown.map((run): readonly Content[] => {
    const { value, unit } = formatSeconds(run.seconds);
    return [
      html`${swatch(place(run))}<code>${shortId(run.id)}</code>`,
      html`${statusText(run.status, run.reason)}${run.superseded && html` <span class="u">superseded</span>`}`,
      ...[...keys, ...(repeats ? [over] : [])].map((key) => paramText(run.params[key])),
      ...(definition.objective === undefined ? [] : [formatNumber(run.objective)]),
      html`${value} <span class="u">${unit}</span>`,
      formatTime(run.startedAt),
      html`<code>${shortId(run.commit)}</code>`,
    ];
  });
  const explained = html`${shown.length < total ? html`${formatCount(shown.length)} of ${counted(total, 'run')}` : counted(total, 'run')}, the best configuration first.${superseded > 0 && ` ${counted(superseded, 'run')} of older code repeated by a newer run: shown as superseded, not counted above.`}${shown.length < total && html` All of them: <code>lightex runs ${definition.experiment}</code>.`}`;
  return html`${note(explained)}${scrollingTable('Table of runs', columns, rows)}`;
}
