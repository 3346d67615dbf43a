/** Small pieces that several pages are made of. */

import type { Row } from '../app/pages-query.ts';
import type { Json } from '../model/experiment.ts';
import { formatDuration } from '../model/quantity.ts';
import { formatNumber, formatTime, MISSING, shortId } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { statusText } from '../qviz/page.ts';

/** A value of a row as text; empty where there is none. */
export function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A part of a page with its heading. */
export function section(id: string, title: string, ...content: readonly Content[]): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${content}</section>\n`;
}

/** One of the large numbers at the head of a page. */
export function tile(label: string, value: Content, under: Content): Html {
  return html`<div class="kpi"><div class="l">${label}</div><div class="v">${value}</div><div class="s">${under}</div></div>`;
}

/** What went wrong, with its code and the next step. */
export function errorBox(code: string, message: string, hint?: string): Html {
  return html`<div class="error" role="note"><p><strong>${code}</strong></p><pre>${message}</pre>${hint !== undefined && html`<p>${hint}</p>`}</div>`;
}

/** The path with the parameters that say something. */
export function link(path: string, parameters: Readonly<Record<string, string>>): string {
  const said = Object.entries(parameters).filter(([, value]) => value !== '');
  const query = new URLSearchParams(Object.fromEntries(said)).toString();
  return query === '' ? path : `${path}?${query}`;
}

export function runPath(id: string): string {
  return `/runs/${encodeURIComponent(id)}`;
}

/** A run's short id, leading to its page. */
export function runLink(id: string): Html {
  return html`<a href="${runPath(id)}"><code>${shortId(id)}</code></a>`;
}

export function experimentLink(name: string): Html {
  return html`<a href="/experiments/${encodeURIComponent(name)}">${name}</a>`;
}

/** A point in time, exact for programs. */
export function timeText(iso: Json | undefined): Content {
  const text = textOf(iso);
  return text === '' ? MISSING : html`<time datetime="${text}">${formatTime(text)}</time>`;
}

/** How long ago, and since when. */
export function sinceText(iso: Json | undefined, now: number): Content {
  const text = textOf(iso);
  if (text === '') return MISSING;
  const ago = formatDuration(Math.max(0, now - Date.parse(text)));
  return html`<time datetime="${text}" title="since ${formatTime(text)}">${ago}</time>`;
}

/** How long it took, as the command line writes it. */
export function secondsText(seconds: Json | undefined): string {
  return typeof seconds === 'number' ? formatDuration(seconds * 1000) : MISSING;
}

/** The status of a run as dot and word, its reason, and whether its runner is silent. */
export function runStatus({ status, reason, stale }: Row): Html {
  return html`${statusText(textOf(status), textOf(reason))}${stale === true && html` <span class="stale">stale</span>`}`;
}

/** The objective's value with its metric, where there is one. */
export function objectiveText({ objective, objective_metric }: Row): Content {
  if (objective_metric === null) return MISSING;
  return html`${formatNumber(objective)} <span class="u">${textOf(objective_metric)}</span>`;
}

/** How far a run says that it is. */
export function progressText(progress: Json | undefined): Content {
  if (typeof progress !== 'number') return MISSING;
  const percent = Math.round(Math.min(1, Math.max(0, progress)) * 100);
  return html`<svg class="pg" width="96" height="6" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" fill="var(--line)"/><rect width="${percent}" height="6" fill="var(--run)"/></svg>${percent} %`;
}
