/** What a run printed, as text for a page. */

import { stripVTControlCharacters } from 'node:util';

const LINES = 200;
const LINE_LENGTH = 4_000;

/** The last lines without the codes of terminals; of a line that was written over, its last state. */
export function lastLines(text: string): readonly string[] {
  const lines = stripVTControlCharacters(text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(-LINES).map(plain);
}

function plain(line: string): string {
  const state = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const shown = state.length > LINE_LENGTH ? `${state.slice(0, LINE_LENGTH)}…` : state;
  return shown.replace(/[^\P{Cc}\t]/gu, '·');
}
