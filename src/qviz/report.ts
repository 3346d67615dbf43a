/** Definition and answers to one page: a file that loads nothing, runs nothing and says what it leaves out. */

import { LightexError } from '../model/errors.ts';
import type { ReportBlock } from '../model/schema.generated.ts';
import type { Answers } from './answers.ts';
import { bestBlock, diffBlock } from './block-best.ts';
import { chartBlock, curvesBlock, paramsBlock, tableBlock, textBlock } from './block-charts.ts';
import { failuresBlock, runsBlock } from './block-runs.ts';
import { summaryBlock } from './block-summary.ts';
import { type Comparison, compare } from './configurations.ts';
import { readMetrics } from './curves.ts';
import type { ReportDefinition } from './definition.ts';
import { counted, formatCount, formatTime, shortId } from './format.ts';
import { type Html, html, trusted } from './html.ts';
import type { ReportView, Section } from './page.ts';
import { firstQueries, RUN_LIMIT } from './queries.ts';
import type { RenderChart } from './theme.ts';

/** What a page says about itself; with the answers it decides every byte. */
export interface ReportContext {
  readonly generatorVersion: string;
  readonly commit: string;
  readonly branch: string;
  /** ISO time of the commit: the page's fixed "built", so that the same commit and data give the same bytes. */
  readonly committedAt: string;
  /** Paths in the repository; no report file means the built-in comparison. */
  readonly files: { readonly experiment: string; readonly report?: string };
  /** The command that builds this page again. */
  readonly reproduce: string;
  /** src/web/style.css and the base64 sha256 of exactly that text: no other style is allowed on the page. */
  readonly style: { readonly text: string; readonly sha256: string };
}

export interface ReportPage {
  readonly html: string;
  /** What could not be made, one line each; the page shows it too. */
  readonly problems: readonly string[];
}

/**
 * The page of a report from the answers to both rounds of queries. A block that cannot be made is replaced by its
 * error; the others go on. Pure but for `render`.
 */
export async function buildReport(
  definition: ReportDefinition,
  answers: Answers,
  context: ReportContext,
  render: RenderChart,
): Promise<ReportPage> {
  const comparison = compare(definition, answers);
  const view = { definition, answers, comparison, metrics: readMetrics(answers), render };
  const sections: Section[] = [];
  for (const [i, block] of definition.layout.entries()) {
    sections.push(await toSection(block, i, view));
  }
  const problems = [
    ...ownErrors(view).map(({ name, code, message }) => `query ${name}: ${code}: ${message}`),
    ...sections.flatMap(({ problem }) => problem ?? []),
  ];
  return { html: String(document(sections, view, context)), problems };
}

/** Headings of the ready blocks, and their short names in the navigation. */
const TITLES: Readonly<Record<string, readonly [string, string]>> = {
  best: ['Best configurations', 'Best'],
  curves: ['Learning curves', 'Curves'],
  params: ['Parameters and objective', 'Parameters'],
  diff: ['Configuration differences', 'Differences'],
  failures: ['Failures', 'Failures'],
  runs: ['All runs', 'All runs'],
};

async function toSection(block: ReportBlock, index: number, view: ReportView): Promise<Section> {
  const id = `block-${index}`;
  const own = 'title' in block ? block.title : undefined;
  const [title, short] = own === undefined ? (TITLES[block.block] ?? ['', '']) : [own, own];
  try {
    return { id, title, short, body: await body(block, view, id) };
  } catch (error) {
    const known = error instanceof LightexError ? error : undefined;
    const [which, code, message] = [
      `Block ${index + 1} (${block.block})`,
      known?.code ?? 'LTX_INTERNAL',
      String(known?.message ?? error),
    ];
    return {
      id,
      title,
      short,
      body: errorBox(which, code, message),
      problem: `${which}: ${code}: ${message}`,
    };
  }
}

function body(block: ReportBlock, view: ReportView, id: string): Html | Promise<Html> {
  switch (block.block) {
    case 'summary':
      return summaryBlock(view);
    case 'best':
      return bestBlock(block, view);
    case 'curves':
      return curvesBlock(block, view, id);
    case 'params':
      return paramsBlock(block, view, id);
    case 'diff':
      return diffBlock(block, view);
    case 'failures':
      return failuresBlock(view);
    case 'runs':
      return runsBlock(view);
    case 'text':
      return textBlock(block);
    case 'table':
      return tableBlock(block, view, id);
    case 'chart':
      return chartBlock(block, view, id);
  }
}

function errorBox(what: string, code: string, message: string): Html {
  return html`<div class="error" role="note"><p><strong>${what} could not be made</strong> <code>${code}</code></p><pre>${message}</pre></div>`;
}

function document(sections: readonly Section[], view: ReportView, context: ReportContext): Html {
  const { title } = view.definition;
  const policy = `default-src 'none'; style-src 'sha256-${context.style.sha256}'; img-src data:; base-uri 'none'; form-action 'none'`;
  // The style stands without a space around it: its hash is of every byte between the tags.
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
<meta name="generator" content="lightex ${context.generatorVersion}"><title>${title} · lightex</title>
<style>${trusted(context.style.text)}</style></head>
<body><a class="skip" href="#main">Skip to the report</a>
${navigation(sections)}
<main class="wrap" id="main">${header(view, context)}${failedQueries(view)}
${sections.map(section)}${footer(view, context)}</main></body></html>
`;
}

function navigation(sections: readonly Section[]): Html {
  const links = sections
    .filter(({ short }) => short !== '')
    .map(({ id, short }) => html`<li><a href="#${id}">${short}</a></li>`);
  const mark = trusted(
    '<svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><path d="M2 14.5 6.2 8l3.4 3.6L16 3" fill="none" stroke="var(--s1)" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/><circle cx="16" cy="3" r="1.8" fill="var(--s2)"/></svg>',
  );
  return html`<nav class="top" aria-label="Report sections"><div class="wrap"><a class="brand" href="#main">${mark}lightex</a><ol>${links}</ol></div></nav>`;
}

function header({ definition, comparison }: ReportView, context: ReportContext): Html {
  const facts: readonly (readonly [string, Html])[] = [
    ['Commit', html`<code>${context.commit.slice(0, 10)}</code>`],
    ['Branch', html`${context.branch}`],
    ['Experiment', html`<code>${context.files.experiment}</code>`],
    [
      'Report',
      context.files.report === undefined
        ? html`built-in comparison`
        : html`<code>${context.files.report}</code>`,
    ],
    [
      'Committed',
      html`<time datetime="${context.committedAt}">${formatTime(context.committedAt)}</time>`,
    ],
    ...codeFacts(definition),
    ...commitFacts(comparison),
  ];
  return html`<header class="rep"><p class="crumb">Report · ${definition.experiment}</p><h1>${definition.title}</h1>${definition.question !== undefined && html`<p class="lede">${definition.question}</p>`}<dl class="meta">${facts.map(
    ([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`,
  )}</dl></header>`;
}

/** Says so when runs of other code are left out, or when the cited commit's own code has not run. */
function codeFacts({ code }: ReportDefinition): readonly (readonly [string, Html])[] {
  if (code === undefined || (code.isCited && code.otherRuns === 0)) return [];
  const whose = code.isCited
    ? "this commit's"
    : "the code that ran last: this commit's own has not run";
  const others =
    code.otherRuns > 0 && html`; ${counted(code.otherRuns, 'run')} of other code left out`;
  return [['Runs of', html`${whose}${code.isCited && ' code'}${others}`]];
}

/** Says so when the runs that count were made by more than one commit. */
function commitFacts({ configurations }: Comparison): readonly (readonly [string, Html])[] {
  const counts = new Map<string, number>();
  for (const { commit } of configurations.flatMap(({ runs }) => runs)) {
    counts.set(commit, (counts.get(commit) ?? 0) + 1);
  }
  if (counts.size < 2) return [];
  const newest = [...counts]
    .slice(0, 3)
    .map(([commit, n]) => html`<code>${shortId(commit) || 'none'}</code> (${n}) `);
  return [[`Runs of ${counts.size} commits`, html`${newest}${counts.size > 3 && '…'}`]];
}

/** Errors of the report's own queries: a condition in `from.where` that does not work, a store that is away. */
function ownErrors({ definition, answers }: ReportView) {
  const own = new Set(
    [...firstQueries(definition).keys()].filter((name) => !name.startsWith('block-')),
  );
  return [...answers].flatMap(([name, answer]) =>
    'error' in answer && (own.has(name) || name.startsWith('curves '))
      ? [{ name, ...answer.error }]
      : [],
  );
}

function failedQueries(view: ReportView): Html | undefined {
  const errors = ownErrors(view);
  const [first] = errors;
  if (first === undefined) return undefined;
  return errorBox(
    `${counted(errors.length, 'query')} of this report (${errors.map(({ name }) => name).join(', ')})`,
    first.code,
    first.message,
  );
}

function section({ id, title, body: content }: Section): Html {
  if (title === '') return html`<section id="${id}" class="first">${content}</section>\n`;
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>\n`;
}

function footer({ comparison, metrics }: ReportView, context: ReportContext): Html {
  const points = metrics.reduce((sum, { points: n }) => sum + n, 0);
  const read = comparison.runs.length;
  const left =
    comparison.total > read
      ? ` Only the newest ${formatCount(RUN_LIMIT)} of ${formatCount(comparison.total)} runs were read.`
      : '';
  return html`<footer><p class="made">Built by lightex ${context.generatorVersion} from ${counted(points, 'point')} of ${counted(metrics.length, 'metric')} of ${counted(read, 'run')}. Long curves are cut into buckets of equal width, each with its last, lowest and highest value; nothing is sampled at random.${left}</p><p class="made">This page is one file, loads nothing from the network and runs no script. Reproduce: <code>${context.reproduce}</code></p></footer>`;
}
