/** The parts of a run's page below its metrics. */

import type { Row } from '../app/pages-query.ts';
import { flatten, isObject } from '../model/dotted.ts';
import type { Json, JsonObject } from '../model/experiment.ts';
import { formatBytes } from '../model/quantity.ts';
import { counted, formatTime, formatValue, MISSING } from '../qviz/format.ts';
import { type Content, type Html, html } from '../qviz/html.ts';
import { scrollingTable } from '../qviz/page.ts';
import { runPath, runStatus, secondsText, section, textOf, timeText } from './pieces.ts';

/** The end of what it printed, and where all of it is. */
export function logSection(id: string, isThere: boolean, lines: readonly string[]): Html {
  if (!isThere) {
    return section(
      'log',
      'Log',
      html`<p class="note">Nothing is here: it has printed nothing yet, or its log is on another machine.</p>`,
    );
  }
  const whole = html`<a href="${runPath(id)}/log">the whole log</a>`;
  if (lines.length === 0)
    return section('log', 'Log', html`<p class="note">It has printed nothing.</p>`);
  return section(
    'log',
    'Log',
    html`<p class="note">The last ${counted(lines.length, 'line')}; ${whole}.</p><pre class="log end" tabindex="0" role="region" aria-label="Last lines of the log"><code>${lines.join('\n')}</code></pre>`,
  );
}

/** Every parameter by its dotted key. */
export function paramsSection({ params, cell }: Row): Html {
  const axes = new Set(Object.keys(isObject(cell) ? cell : {}));
  const leaves = Object.entries(flatten(isObject(params) ? params : {}));
  if (leaves.length === 0) {
    return section(
      'parameters',
      'Parameters',
      html`<p class="note">Its experiment declares none.</p>`,
    );
  }
  const rows = leaves.map(([key, value]): readonly Content[] => [
    html`<code>${key}</code>`,
    html`<code class="val">${formatValue(value)}</code>`,
    axes.has(key) ? 'an axis of the matrix' : '',
  ]);
  const columns = [{ title: 'parameter' }, { title: 'value' }, { title: 'varied' }];
  return section('parameters', 'Parameters', scrollingTable('Parameters', columns, rows));
}

/** The files that it left behind, to download. */
export function artifactsSection(id: string, artifacts: readonly Row[]): Html {
  if (artifacts.length === 0) {
    return section(
      'artifacts',
      'Artifacts',
      html`<p class="note">It has left no files behind.</p>`,
    );
  }
  const columns = [
    { title: 'file' },
    { title: 'type' },
    { title: 'name' },
    { title: 'size', numeric: true },
    { title: 'sha256' },
  ];
  const rows = artifacts.map((row): readonly Content[] => {
    const path = textOf(row.path);
    const isKept = row.sha256 !== null;
    return [
      isKept ? html`<a href="${artifactPath(id, path)}" download>${path}</a>` : path,
      textOf(row.type) || MISSING,
      textOf(row.name) || MISSING,
      isKept ? formatBytes(Number(row.bytes)) : MISSING,
      isKept ? html`<code>${textOf(row.sha256).slice(0, 12)}</code>` : 'no such file was there',
    ];
  });
  return section('artifacts', 'Artifacts', scrollingTable('Artifacts', columns, rows));
}

function artifactPath(id: string, path: string): string {
  return `${runPath(id)}/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Each try, with its own log. */
export function attemptsSection(id: string, attempts: readonly Row[]): Html {
  const columns = [
    { title: 'attempt', numeric: true },
    { title: 'status' },
    { title: 'what it said last' },
    { title: 'started' },
    { title: 'time', numeric: true },
    { title: 'runner' },
    { title: 'log' },
  ];
  const rows = attempts.map((row): readonly Content[] => [
    textOf(row.attempt),
    runStatus(row),
    row.error === null ? MISSING : html`<code class="err">${textOf(row.error)}</code>`,
    timeText(row.started_at),
    secondsText(row.duration_s),
    textOf(row.runner) || MISSING,
    html`<a href="${runPath(id)}/log?attempt=${textOf(row.attempt)}">log<span class="vh"> of attempt ${textOf(row.attempt)}</span></a>`,
  ]);
  return section('attempts', 'Attempts', scrollingTable('Attempts', columns, rows));
}

/** What happened to its attempts that ended, in order. */
export function eventsSection(events: readonly Row[]): Html {
  if (events.length === 0) {
    return section(
      'events',
      'Events',
      html`<p class="note">They are written down when an attempt has ended.</p>`,
    );
  }
  const columns = [
    { title: 'when' },
    { title: 'what' },
    { title: 'status after it' },
    { title: 'detail' },
  ];
  const rows = events.map((row): readonly Content[] => [
    html`<time datetime="${textOf(row.at)}">${textOf(row.at).slice(0, 10)} ${textOf(row.at).slice(11, 23)}</time>`,
    textOf(row.type).replaceAll('-', ' '),
    row.status === null
      ? MISSING
      : runStatus({ status: row.status ?? '', reason: row.reason ?? '' }),
    detailText(isObject(row.detail) ? row.detail : {}),
  ]);
  return section('events', 'Events', scrollingTable('Events', columns, rows));
}

/** The parts of an event's detail that say something to people. */
function detailText(detail: JsonObject): string {
  const { runner, attempt, by, exit, files, notBefore } = detail;
  const parts: readonly (readonly [Json | undefined, () => string])[] = [
    [attempt, () => `attempt ${textOf(attempt)}`],
    [runner, () => `by ${textOf(runner)}`],
    [by, () => `by ${textOf(by)}`],
    [exit, () => exitText(exit)],
    [files, () => counted(Array.isArray(files) ? files.length : 0, 'file')],
    [notBefore, () => `not before ${formatTime(new Date(Number(notBefore)).toISOString())}`],
  ];
  return parts.flatMap(([value, words]) => (value === undefined ? [] : [words()])).join(', ');
}

function exitText(exit: Json | undefined): string {
  if (!isObject(exit)) return '';
  const { kind, ...rest } = exit;
  return [textOf(kind), ...Object.values(rest).map(textOf)].join(' ');
}

/** The code and the command that make it again. */
export function reproduceSection({ commit, command, image, run_id }: Row): Html {
  const argv = Array.isArray(command) ? command.map((word) => quoted(textOf(word))).join(' ') : '';
  const lines = [`git checkout ${textOf(commit)}`, argv].join('\n');
  return section(
    'reproduce',
    'Reproduce',
    html`<p class="note">Its code is the commit, its parameters are those above (a run finds them as JSON in the file that <code>LIGHTEX_PARAMS</code> names).${
      image !== null && html` Its image is <code>${textOf(image)}</code>.`
    } In the terminal: <code>lightex show ${textOf(run_id)}</code>.</p><pre class="log" tabindex="0" role="region" aria-label="Commands to reproduce the run">${lines}</pre>`,
  );
}

/** A word as a shell takes it whole. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
