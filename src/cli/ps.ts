import { findStore } from '../app/find-store.ts';
import { liveIn } from '../app/history.ts';
import { formatDuration } from '../model/quantity.ts';
import { type StatusRow, statusRows } from '../mon/status.ts';
import { cell, print, printJson, say, styledStatus, table } from './output.ts';
import type { Verb } from './verbs.ts';

/** Runs that have not ended, running ones first, and who last said so. */
export const run: Verb = async (_, { json }) => {
  const { store } = await findStore(process.cwd());
  const rows = statusRows(await liveIn(store), Date.now());
  if (json) printJson(rows);
  else if (rows.length === 0) say('nothing runs and nothing waits');
  else
    print(
      table(['RUN', 'EXPERIMENT', 'TRIAL', 'STATUS', 'PROGRESS', 'FOR', 'RUNNER'], rows.map(line)),
    );
  if (rows.some(({ stale }) => stale)) {
    say(
      'stale: its runner has said nothing for a minute; start it again with: lightex runner start',
    );
  }
  return 0;
};

function line({
  run_id,
  experiment,
  trial,
  status,
  stale,
  progress,
  seconds,
  runner,
}: StatusRow): readonly string[] {
  return [
    run_id,
    cell(experiment),
    cell(trial),
    `${styledStatus(status)}${stale ? ' (stale)' : ''}`,
    progress === null ? '–' : `${Math.round(progress * 100)}%`,
    formatDuration(seconds * 1000),
    runner,
  ];
}
