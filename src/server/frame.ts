/** What all pages have around their content. */

import type { Response } from 'express';
import { type Content, html, trusted } from '../qviz/html.ts';

/** What the foot of every page says. */
export interface Frame {
  readonly version: string;
  readonly workspace: string;
  readonly store: string;
}

export interface PageHead {
  readonly title: string;
  /** Which entry of the navigation it belongs to. */
  readonly current?: (typeof NAVIGATION)[number]['path'];
  /** Above the title: where this is. */
  readonly crumb?: Content;
  /** Beside the title's text: what it is. */
  readonly lede?: Content;
  readonly facts?: readonly (readonly [term: string, value: Content])[];
  /** It changes: load it again after so many seconds, unless the reader said no. */
  readonly refreshSeconds?: number;
}

const NAVIGATION = [
  { path: '/', name: 'Overview' },
  { path: '/runs', name: 'Runs' },
  { path: '/reports', name: 'Reports' },
] as const;

/** The picture beside the name, also as a file for the browser's tab. */
export const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><path d="M2 14.5 6.2 8l3.4 3.6L16 3" fill="none" stroke="#0c5ee4" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/><circle cx="16" cy="3" r="1.8" fill="#ee5910"/></svg>';
const MARK = trusted(ICON.replace('#0c5ee4', 'var(--s1)').replace('#ee5910', 'var(--s2)'));

/** Sends a whole page. */
export function sendPage(response: Response, frame: Frame, head: PageHead, body: Content): void {
  const { title, current, refreshSeconds } = head;
  const wantsRefresh = response.req.query.refresh !== 'off';
  // By a header and not by a tag: the page itself stays the same bytes, and the reader can say no.
  if (refreshSeconds !== undefined && wantsRefresh) response.set('Refresh', String(refreshSeconds));
  const refresh = refreshSeconds !== undefined && refreshText(refreshSeconds, wantsRefresh);
  const document = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title} · lightex</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/style.css"></head>
<body><a class="skip" href="#main">Skip to the content</a>
<nav class="top" aria-label="Main"><div class="wrap"><a class="brand" href="/">${MARK}lightex</a><ol>${NAVIGATION.map(
    ({ path, name }) =>
      html`<li><a href="${path}"${path === current && html` aria-current="page"`}>${name}</a></li>`,
  )}</ol></div></nav>
<main class="wrap" id="main">${header(head, refresh)}
${body}
</main>
<div class="wrap"><footer><p class="made">lightex ${frame.version} · <code>${frame.workspace}</code> · store <code>${frame.store}</code></p></footer></div></body></html>
`;
  response.type('html').send(String(document));
}

function header({ title, crumb, lede, facts }: PageHead, refresh: Content) {
  return html`<header class="rep">${crumb !== undefined && html`<p class="crumb">${crumb}</p>`}<h1>${title}</h1>${
    lede !== undefined && html`<div class="lede">${lede}</div>`
  }${
    facts !== undefined &&
    html`<dl class="meta">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`
  }${refresh}</header>`;
}

function refreshText(seconds: number, isOn: boolean) {
  return isOn
    ? html`<p class="refresh">Loads again every ${seconds} s. <a href="?refresh=off">Stop that</a></p>`
    : html`<p class="refresh">Stands still. <a href="?">Load again every ${seconds} s</a></p>`;
}
