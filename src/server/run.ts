/** `/runs/:id`: all about one run. */

import { logOf, tailOf } from '../app/pages-files.ts';
import { type Row, rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { runSql } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';
import type { RunId } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { RunStatus } from '../model/schema.generated.ts';
import { reasonText } from '../qviz/block-runs.ts';
import { formatNumber, MISSING, shortId } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import type { PageHead } from './frame.ts';
import { lastLines } from './log-text.ts';
import {
  experimentLink,
  progressText,
  runStatus,
  secondsText,
  sinceText,
  textOf,
  tile,
  timeText,
} from './pieces.ts';
import { curvesSection, metricsSection } from './run-metrics.ts';
import {
  artifactsSection,
  attemptsSection,
  eventsSection,
  logSection,
  paramsSection,
  reproduceSection,
} from './run-sections.ts';

const REFRESH_SECONDS = 5;
/** Of the log's end; a longer line is cut at its beginning. */
const TAIL_BYTES = 256 * 1024;

/** The page of the run with exactly this id. @throws LTX_NOT_FOUND */
export async function runPage(
  site: Site,
  id: RunId,
  attempt: number,
): Promise<{ head: PageHead; body: Html }> {
  const [answers, log] = await Promise.all([
    site.queries.ask(runSql(id)),
    logOf(site.workspace, site.store, id, attempt),
  ]);
  const [row] = rowsOf(answers.run);
  if (row === undefined) throw new LightexError('LTX_NOT_FOUND', `there is no run ${id}`);
  const metrics = rowsOf(answers.metrics);
  const objective = textOf(row.objective_metric);
  const body = html`${tiles(row)}${trouble(row)}${sections()}
${curvesSection(rowsOf(answers.curves), metrics, objective)}
${metricsSection(metrics, objective)}
${logSection(id, log !== undefined, log === undefined ? [] : lastLines(await tailOf(log, TAIL_BYTES)))}
${paramsSection(row)}
${artifactsSection(id, rowsOf(answers.artifacts))}
${attemptsSection(id, rowsOf(answers.attempts))}
${eventsSection(rowsOf(answers.events))}
${reproduceSection(row)}`;
  return { head: headOf(row), body };
}

function headOf(row: Row): PageHead {
  const id = textOf(row.run_id);
  return {
    title: `Run ${shortId(id)}`,
    current: '/runs',
    crumb: html`${experimentLink(textOf(row.experiment))} · <code>${id}</code>`,
    lede: textOf(row.trial) || 'the only trial of its experiment',
    facts: [
      ['Commit', html`<code>${textOf(row.commit).slice(0, 10)}</code>`],
      ['Branch', textOf(row.branch)],
      [
        'Message',
        html`${textOf(row.message).split('\n')[0]} <span class="u">${textOf(row.author)}</span>`,
      ],
      ['Runner', textOf(row.runner) || 'none yet'],
      ['Host', textOf(row.host) || MISSING],
      ['Queued', timeText(row.queued_at)],
      ['Started', timeText(row.started_at)],
      ['Ended', timeText(row.ended_at)],
    ],
    ...(!isFinal(row.status as RunStatus) && { refreshSeconds: REFRESH_SECONDS }),
  };
}

function tiles(row: Row): Html {
  const isOpen = !isFinal(row.status as RunStatus);
  const soFar = sinceText(row.started_at ?? row.queued_at, Date.now());
  return html`<div class="kpis">${[
    tile(
      'Status',
      runStatus({ status: row.status ?? '', stale: row.stale ?? false }),
      whyText(row),
    ),
    tile(
      textOf(row.objective_metric) || 'Objective',
      formatNumber(row.objective),
      row.objective_metric === null
        ? 'its experiment names none'
        : `${textOf(row.objective_of)} value, to ${textOf(row.objective_goal)}`,
    ),
    isOpen
      ? tile(
          'Time',
          soFar,
          row.started_at === null ? 'since it was queued' : 'since it was started',
        )
      : tile('Time', secondsText(row.duration_s), 'from start to end'),
    tile(
      'Attempt',
      formatNumber(row.attempt),
      row.progress === null ? 'no progress said' : progressText(row.progress),
    ),
  ]}</div>`;
}

const MEANWHILE: Readonly<Record<string, string>> = {
  queued: 'waits for a place on a runner',
  claimed: 'a runner has taken it',
  starting: 'is being started',
  running: 'its program runs',
  collecting: 'its files are being collected',
  succeeded: 'its program ended with 0',
};

/** Why it is as it is, in words. */
function whyText({ status, reason, exit_code, signal, stale }: Row): Content {
  if (stale === true) return 'its runner has said nothing for a minute';
  if (reason === null || reason === undefined) return MEANWHILE[textOf(status)] ?? '';
  return html`${reasonText(textOf(reason), exit_code)}${signal !== null && ` (${textOf(signal)})`}`;
}

function trouble({ error, invalid_lines, links }: Row): Content {
  const linked = Array.isArray(links) ? links.map(textOf) : [];
  return [
    error !== null &&
      html`<div class="error" role="note"><p><strong>What it said last</strong></p><pre>${textOf(error)}</pre></div>`,
    Number(invalid_lines) > 0 &&
      html`<p class="under">${formatNumber(invalid_lines)} lines of its log are no valid protocol and were kept as output.</p>`,
    linked.length > 0 &&
      html`<p class="under">Linked in from the workspace, so not covered by the trial’s key: ${linked.join(', ')}.</p>`,
  ];
}

function sections(): Html {
  const names = [
    'Curves',
    'Metrics',
    'Log',
    'Parameters',
    'Artifacts',
    'Attempts',
    'Events',
    'Reproduce',
  ];
  return html`<nav class="tabs" aria-label="On this page">${names.map((name) => html`<a href="#${name.toLowerCase()}">${name}</a>`)}</nav>`;
}
