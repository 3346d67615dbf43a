/** `/reports`: the built pages of the site, byte for byte. */

import { createHash } from 'node:crypto';
import type { Response } from 'express';
import { type BuiltReport, builtReports } from '../app/pages-files.ts';
import type { Site } from '../app/pages-site.ts';
import { LightexError } from '../model/errors.ts';
import { formatBytes } from '../model/quantity.ts';
import { counted, formatTime } from '../qviz/format.ts';
import { type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import type { PageHead } from './frame.ts';

/** The list of what is built. */
export async function reportsPage(site: Site): Promise<{ head: PageHead; body: Html }> {
  const reports = await builtReports(site.workspace);
  const head: PageHead = { title: 'Reports', current: '/reports', lede: leadText(reports) };
  const columns = [{ title: 'report' }, { title: 'built' }, { title: 'size', numeric: true }];
  const rows = reports.map(({ name, builtAt, bytes }) => [
    html`<a href="/reports/${encodeURIComponent(name)}">${name}</a>`,
    html`<time datetime="${builtAt.toISOString()}">${formatTime(builtAt.toISOString())}</time>`,
    formatBytes(bytes),
  ]);
  return { head, body: html`${rows.length > 0 && scrollingTable('Reports', columns, rows)}` };
}

function leadText(reports: readonly BuiltReport[]): Html {
  return reports.length === 0
    ? html`None is built yet: a runner builds one when the runs of an experiment have ended, <code>lightex report</code> at once.`
    : html`${counted(reports.length, 'page')}, each one file that can be sent and printed. Build them again with <code>lightex report</code>.`;
}

/**
 * Sends the bytes of a report. The page names its only style by a hash; the header that all pages have would refuse
 * it, and both hold, so this answer's header allows the style that these very bytes have. @throws LTX_NOT_FOUND
 */
export async function sendReport(site: Site, name: string, response: Response): Promise<void> {
  const report = (await builtReports(site.workspace)).find((one) => one.name === name);
  if (report === undefined) {
    throw new LightexError('LTX_NOT_FOUND', `no report "${name}" is built`, {
      hint: `Build it with: lightex report ${/^[\w.-]+$/.test(name) ? name : 'NAME'}`,
    });
  }
  const bytes = await report.read();
  response.set('Content-Security-Policy', policyFor(bytes.toString())).type('html').send(bytes);
}

function policyFor(page: string): string {
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
