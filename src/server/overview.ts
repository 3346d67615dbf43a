/** `/`: what happens now, and how each experiment stands. */

import { builtReports } from '../app/pages-files.ts';
import { type Row, rowsOf } from '../app/pages-query.ts';
import type { Site } from '../app/pages-site.ts';
import { overviewSql } from '../app/pages-sql.ts';
import { counted, formatCount, formatNumber, MISSING } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import type { PageHead } from './frame.ts';
import {
  experimentLink,
  link,
  objectiveText,
  progressText,
  runLink,
  runPath,
  runStatus,
  section,
  sinceText,
  textOf,
  tile,
} from './pieces.ts';

const ACTIVE = ['claimed', 'starting', 'running', 'collecting'];
const BAD = ['failed', 'timed_out', 'lost', 'cancelled'];
const REFRESH_SECONDS = 10;

/** Runs by status, as a sentence needs them. */
interface Counts {
  readonly total: number;
  readonly stale: number;
  of(statuses: readonly string[]): number;
  /** `2 failed, 1 lost`; empty where there is none. */
  words(statuses: readonly string[]): string;
}

/** The page of the whole workspace. */
export async function overviewPage(site: Site): Promise<{ head: PageHead; body: Html }> {
  const [answers, reports] = await Promise.all([
    site.queries.ask(overviewSql()),
    builtReports(site.workspace),
  ]);
  const counts = countsOf(rowsOf(answers.counts));
  const unfinished = rowsOf(answers.unfinished);
  const names = new Set(reports.map(({ name }) => name));
  const head: PageHead = {
    title: 'Overview',
    current: '/',
    ...(unfinished.length > 0 && { refreshSeconds: REFRESH_SECONDS }),
  };
  const body = html`${tiles(counts, rowsOf(answers.failure)[0])}
${unfinishedSection(unfinished, counts)}
${experimentsSection(rowsOf(answers.experiments), names)}`;
  return { head, body };
}

function countsOf(rows: readonly Row[]): Counts {
  const number = new Map(rows.map(({ status, n }) => [textOf(status), Number(n)]));
  const sum = (values: Iterable<number>) => [...values].reduce((all, one) => all + one, 0);
  const own = (statuses: readonly string[]) => statuses.filter((status) => number.has(status));
  return {
    total: sum(number.values()),
    stale: sum(rows.map(({ stale }) => Number(stale))),
    of: (statuses) => sum(own(statuses).map((status) => number.get(status) ?? 0)),
    words: (statuses) =>
      own(statuses)
        .map((status) => `${formatCount(number.get(status) ?? 0)} ${status.replaceAll('_', ' ')}`)
        .join(', '),
  };
}

function tiles(counts: Counts, failure: Row | undefined): Html {
  const succeeded = counts.of(['succeeded']);
  const share =
    counts.total === 0
      ? ''
      : `${Math.round((100 * succeeded) / counts.total)} % of ${counted(counts.total, 'run')}`;
  const newest =
    failure !== undefined &&
    html`<br>newest: <a href="${runPath(textOf(failure.run_id))}">${textOf(failure.error).slice(0, 80) || textOf(failure.reason)}</a>`;
  return html`<div class="kpis">${[
    tile('Running', formatCount(counts.of(ACTIVE)), counts.words(ACTIVE) || 'nothing runs'),
    tile(
      'Waiting',
      formatCount(counts.of(['queued'])),
      counts.words(['queued']) || 'nothing waits',
    ),
    tile(
      'Not succeeded',
      formatCount(counts.of(BAD)),
      html`${counts.words(BAD) || 'none'}${newest}`,
    ),
    tile('Succeeded', formatCount(succeeded), share),
  ]}</div>`;
}

function unfinishedSection(rows: readonly Row[], counts: Counts): Html {
  const all = counts.of([...ACTIVE, 'queued']);
  if (all === 0 || rows.length === 0) {
    return section(
      'now',
      'Now',
      html`<p class="note">Nothing runs and nothing waits. A push of a branch that a runner trusts starts what is new.</p>`,
    );
  }
  const stale =
    counts.stale > 0 &&
    html`<p class="error">${counted(counts.stale, 'run')} ${counts.stale === 1 ? 'is' : 'are'} stale: the runner has said nothing for a minute. Start it again with <code>lightex runner start</code>.</p>`;
  const columns = [
    { title: 'run' },
    { title: 'status' },
    { title: 'experiment' },
    { title: 'trial' },
    { title: 'progress', numeric: true },
    { title: 'objective', numeric: true },
    { title: 'for', numeric: true },
    { title: 'runner' },
  ];
  const now = Date.now();
  const cells = rows.map((row): readonly Content[] => [
    runLink(textOf(row.run_id)),
    runStatus(row),
    experimentLink(textOf(row.experiment)),
    textOf(row.trial),
    progressText(row.progress),
    objectiveText(row),
    sinceText(row.started_at ?? row.queued_at, now),
    textOf(row.runner) || MISSING,
  ]);
  const rest =
    all > rows.length &&
    html`<p class="under">${rows.length} of ${counted(all, 'run')} that have not ended: <a href="${link('/runs', { where: 'ended_at IS NULL' })}">all of them</a>.</p>`;
  return section(
    'now',
    'Now',
    stale,
    scrollingTable('Runs that have not ended', columns, cells),
    rest,
  );
}

function experimentsSection(rows: readonly Row[], reports: ReadonlySet<string>): Html {
  if (rows.length === 0) {
    return section(
      'experiments',
      'Experiments',
      html`<p class="note">No run yet. Commit, push, and start a runner: <code>lightex runner start</code>.</p>`,
    );
  }
  const columns = [
    { title: 'experiment' },
    { title: 'runs', numeric: true },
    { title: 'of these' },
    { title: 'best of the newest code', numeric: true },
    { title: 'its trial' },
    { title: 'last queued' },
    { title: 'report' },
  ];
  const now = Date.now();
  const cells = rows.map((row): readonly Content[] => {
    const name = textOf(row.experiment);
    return [
      experimentLink(name),
      html`<a href="${link('/runs', { experiment: name })}">${formatNumber(row.runs)}</a>`,
      tallyText(row),
      bestText(row),
      row.best_run === null
        ? MISSING
        : html`<a href="${runPath(textOf(row.best_run))}">${textOf(row.best_trial) || 'the only one'}</a>`,
      html`${sinceText(row.queued_at, now)} ago`,
      reports.has(name) ? html`<a href="/reports/${encodeURIComponent(name)}">report</a>` : MISSING,
    ];
  });
  return section('experiments', 'Experiments', scrollingTable('Experiments', columns, cells));
}

/** `70 succeeded, 2 failed, 1 not ended`. */
export function tallyText({ succeeded, failed, unfinished }: Row): string {
  const parts = [
    [succeeded, 'succeeded'],
    [failed, 'failed'],
    [unfinished, 'not ended'],
  ] as const;
  return (
    parts
      .filter(([n]) => Number(n) > 0)
      .map(([n, word]) => `${formatCount(Number(n))} ${word}`)
      .join(', ') || MISSING
  );
}

/** The best value of an experiment's objective, with its metric and which way is better. */
function bestText({ best, metric, goal }: Row): Content {
  if (best === null || best === undefined) return MISSING;
  const [arrow, words] = goal === 'minimize' ? ['↓', 'lower'] : ['↑', 'higher'];
  return html`${formatNumber(best)} <span class="u">${textOf(metric)} <span aria-hidden="true">${arrow}</span><span class="vh">, ${words} is better</span></span>`;
}
