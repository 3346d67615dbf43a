/** `/runs`: the history, filtered, sorted and paged in SQL. Its state is its address. */

import { type Row, rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { PAGE_ROWS, type RunFilter, type RunSort, runsSql } from '../app/pages-sql.ts';
import { LightexError } from '../model/errors.ts';
import { counted, formatCount, shortId } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import type { PageHead } from './frame.ts';
import {
  errorBox,
  experimentLink,
  link,
  objectiveText,
  runLink,
  runStatus,
  secondsText,
  section,
  textOf,
  timeText,
} from './pieces.ts';
import { statusFor } from './problem.ts';
import { parametersOf } from './run-filter.ts';

interface RunsPage {
  readonly status: number;
  readonly head: PageHead;
  readonly body: Html;
}

/** The page; a condition that does not work is said on it, beside the field. */
export async function runsPage(site: Site, filter: RunFilter): Promise<RunsPage> {
  const answers = await site.queries.ask(runsSql(filter));
  const head: PageHead = { title: 'Runs', current: '/runs' };
  const experiments = rowsOf(answers.experiments).map(({ experiment }) => textOf(experiment));
  const form = filterForm(filter, experiments);
  try {
    const rows = rowsOf(answers.rows);
    const statuses = rowsOf(answers.statuses);
    return { status: 200, head, body: html`${form}${results(filter, rows, statuses)}` };
  } catch (cause) {
    if (!(cause instanceof LightexError) || filter.where === '') throw cause;
    const hint = 'A condition over the columns of the view runs, such as: objective > 0.9';
    return {
      status: statusFor(cause),
      head,
      body: html`${form}${errorBox(cause.code, cause.message, hint)}`,
    };
  }
}

function filterForm(filter: RunFilter, experiments: readonly string[]): Html {
  const { sort = '', status = '' } = parametersOf(filter);
  const names = [...new Set([...experiments, filter.experiment])].filter((name) => name !== '');
  const option = (name: string) =>
    html`<option${name === filter.experiment && html` selected`}>${name}</option>`;
  const kept = (name: string, value: string) =>
    value !== '' && html`<input type="hidden" name="${name}" value="${value}">`;
  return html`<form class="filter" action="/runs" method="get">
<label>Experiment <select name="experiment"><option value="">all</option>${names.map(option)}</select></label>
<label class="wide">Where <input name="where" value="${filter.where}" placeholder="objective &gt; 0.9 AND status = 'succeeded'" spellcheck="false" autocomplete="off" aria-describedby="where-help"></label>
${kept('status', status)}${kept('sort', sort)}<button type="submit">Filter</button>
<p class="under" id="where-help">A SQL condition over <code>runs</code>: columns such as objective, duration_s, seed, branch, metrics['loss'], params-&gt;&gt;'$.lr'.</p></form>`;
}

function results(filter: RunFilter, rows: readonly Row[], statuses: readonly Row[]): Html {
  const number = new Map(statuses.map(({ status, n }) => [textOf(status), Number(n)]));
  const all = [...number.values()].reduce((sum, n) => sum + n, 0);
  const total = filter.status === '' ? all : (number.get(filter.status) ?? 0);
  const words = [...new Set([...number.keys(), filter.status])].filter((status) => status !== '');
  const tab = (status: string, n: number) =>
    html`<a href="${to(filter, { status, page: 1 })}"${status === filter.status && html` aria-current="true"`}>${status.replaceAll('_', ' ') || 'all'} <span class="u">${formatCount(n)}</span></a>`;
  return html`<nav class="tabs" aria-label="Filter by status">${tab('', all)}${words.map((status) => tab(status, number.get(status) ?? 0))}</nav>
${section('list', countText(filter, rows.length, total), rows.length > 0 && listTable(filter, rows))}
${pager(filter, total)}`;
}

/** `1–50 of 86 runs`. */
function countText({ page }: RunFilter, shown: number, total: number): string {
  if (shown === 0) return `0 of ${counted(total, 'run')}`;
  const first = (page - 1) * PAGE_ROWS + 1;
  return `${formatCount(first)}–${formatCount(first + shown - 1)} of ${counted(total, 'run')}`;
}

function listTable(filter: RunFilter, rows: readonly Row[]): Html {
  const sorted = (sort: RunSort, title: string, numeric = false) => ({
    title: sortLink(filter, sort, title),
    numeric,
  });
  const columns = [
    { title: 'run' },
    sorted('status', 'status'),
    sorted('experiment', 'experiment'),
    sorted('trial', 'trial'),
    sorted('objective', 'objective', true),
    sorted('duration_s', 'time', true),
    sorted('queued_at', 'queued'),
    { title: 'commit' },
  ];
  const cells = rows.map((row): readonly Content[] => [
    runLink(textOf(row.run_id)),
    runStatus(row),
    experimentLink(textOf(row.experiment)),
    textOf(row.trial),
    objectiveText(row),
    secondsText(row.duration_s),
    timeText(row.queued_at),
    html`<code>${shortId(textOf(row.commit))}</code>`,
  ]);
  return scrollingTable('Runs', columns, cells);
}

/** Sorts by the column; by the column that it is sorted by already the other way round. */
function sortLink(filter: RunFilter, sort: RunSort, title: string): Html {
  const isOn = filter.sort === sort;
  const descending = isOn ? !filter.descending : sort !== 'experiment' && sort !== 'trial';
  const mark =
    isOn &&
    html` <span aria-hidden="true">${filter.descending ? '↓' : '↑'}</span><span class="vh">, sorted ${filter.descending ? 'descending' : 'ascending'}</span>`;
  return html`<a href="${to(filter, { sort, descending, page: 1 })}">${title}${mark}</a>`;
}

function pager(filter: RunFilter, total: number): Html | undefined {
  const pages = Math.ceil(total / PAGE_ROWS);
  if (pages <= 1 && filter.page === 1) return undefined;
  const step = (page: number, name: string) =>
    page >= 1 && page <= pages && html`<a class="btn" href="${to(filter, { page })}">${name}</a>`;
  return html`<nav class="pager" aria-label="Pages">${step(Math.min(filter.page - 1, pages), 'Previous')}<span>Page ${formatCount(filter.page)} of ${formatCount(pages)}</span>${step(filter.page + 1, 'Next')}</nav>`;
}

function to(filter: RunFilter, change: Partial<RunFilter>): string {
  return link('/runs', parametersOf({ ...filter, ...change }));
}
