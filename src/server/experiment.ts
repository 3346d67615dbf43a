/** `/experiments/:name`: its best runs, and what each commit of it gave. */

import { builtReports } from '../app/pages-files.ts';
import { type Row, rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { experimentSql } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';
import { formatCount, formatNumber, MISSING, shortId } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import type { PageHead } from './frame.ts';
import { tallyText } from './overview.ts';
import {
  link,
  runLink,
  runPath,
  runStatus,
  secondsText,
  section,
  textOf,
  tile,
  timeText,
} from './pieces.ts';

/** The page. @throws LTX_NOT_FOUND when no run is of it */
export async function experimentPage(
  site: Site,
  name: string,
): Promise<{ head: PageHead; body: Html }> {
  const [answers, reports] = await Promise.all([
    site.queries.ask(experimentSql(name)),
    builtReports(site.workspace),
  ]);
  const [summary] = rowsOf(answers.summary);
  if (summary === undefined) {
    throw new LightexError('LTX_NOT_FOUND', `no run is of an experiment "${name}"`, {
      hint: 'Experiments are here when a run of them was queued',
    });
  }
  const ways = html`<p class="ways"><a href="${link('/runs', { experiment: name })}">All its runs</a>${
    reports.some((report) => report.name === name) &&
    html` <a href="/reports/${encodeURIComponent(name)}">Its report</a>`
  }</p>`;
  const head: PageHead = { title: name, crumb: 'Experiment', current: '/' };
  const body = html`${tiles(summary)}${ways}
${bestSection(rowsOf(answers.best), summary)}
${commitsSection(name, rowsOf(answers.commits))}`;
  return { head, body };
}

function tiles(summary: Row): Html {
  const { best_run, best_trial, best, metric, goal } = summary;
  const better = `${textOf(metric)}, ${goal === 'minimize' ? 'lower' : 'higher'} is better`;
  return html`<div class="kpis">${[
    tile('Best of the newest code', formatNumber(best), metric === null ? 'no objective' : better),
    tile(
      'Its trial',
      best_run === null
        ? MISSING
        : html`<a href="${runPath(textOf(best_run))}"><code>${shortId(textOf(best_run))}</code></a>`,
      textOf(best_trial),
    ),
    tile('Runs', formatCount(Number(summary.runs)), tallyText(summary)),
    tile(
      'Last run',
      html`<a href="${runPath(textOf(summary.last_run))}"><code>${shortId(textOf(summary.last_run))}</code></a>`,
      timeText(summary.queued_at),
    ),
  ]}</div>`;
}

function bestSection(rows: readonly Row[], { metric }: Row): Html {
  if (rows.length === 0) {
    return section(
      'best',
      'Best runs of the newest code',
      html`<p class="note">No run has a value of its objective yet.</p>`,
    );
  }
  const columns = [
    { title: 'run' },
    { title: 'trial' },
    { title: textOf(metric), numeric: true },
    { title: 'status' },
    { title: 'time', numeric: true },
    { title: 'started' },
    { title: 'commit' },
  ];
  const cells = rows.map((row): readonly Content[] => [
    runLink(textOf(row.run_id)),
    textOf(row.trial) || MISSING,
    formatNumber(row.objective),
    runStatus(row),
    secondsText(row.duration_s),
    timeText(row.started_at),
    html`<code>${shortId(textOf(row.commit))}</code>`,
  ]);
  return section(
    'best',
    'Best runs',
    html`<p class="note">Single runs, each seed for itself; the report compares configurations over their seeds.</p>`,
    scrollingTable('Best runs', columns, cells),
  );
}

function commitsSection(name: string, rows: readonly Row[]): Html {
  const columns = [
    { title: 'commit' },
    { title: 'message' },
    { title: 'branch' },
    { title: 'author' },
    { title: 'queued' },
    { title: 'runs', numeric: true },
    { title: 'of these' },
    { title: 'best', numeric: true },
  ];
  const cells = rows.map((row): readonly Content[] => {
    const commit = textOf(row.commit);
    const where = `commit = '${commit.replaceAll("'", "''")}'`;
    return [
      html`<code>${shortId(commit)}</code>`,
      html`<span class="p">${textOf(row.message).split('\n')[0]}</span>`,
      textOf(row.branch),
      textOf(row.author),
      timeText(row.queued_at),
      html`<a href="${link('/runs', { experiment: name, where })}">${formatNumber(row.runs)}</a>`,
      tallyText(row),
      formatNumber(row.best),
    ];
  });
  return section('commits', 'By commit', scrollingTable('Runs by commit', columns, cells));
}
