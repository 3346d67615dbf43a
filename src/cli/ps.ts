import { findStore } from '../app/find-store.ts';
import { liveIn } from '../app/history.ts';
import { isFinal } from '../model/lifecycle.ts';
import { formatDuration } from '../model/quantity.ts';
import { cell, print, printJson, say, styledStatus, table } from './output.ts';
import type { Verb } from './verbs.ts';

/** A writer that said nothing for so long may be gone: its runs are shown, and that. */
const SILENT_MS = 60_000;

/** Runs that have not ended, running ones first, and who last said so. */
export const run: Verb = async (_, { json }) => {
  const { store } = await findStore(process.cwd());
  const now = Date.now();
  const rows = (await liveIn(store)).flatMap(({ writer, at, runs }) =>
    runs
      .filter(({ status }) => !isFinal(status))
      .map(({ run_id, experiment, trial, status, attempt, started_at, queued_at, progress }) => ({
        run_id,
        experiment,
        trial,
        status,
        attempt,
        progress,
        runner: writer,
        seconds: (now - (started_at ?? queued_at)) / 1000,
        stale: now - at > SILENT_MS,
      })),
  );
  rows.sort((a, b) => Number(a.status === 'queued') - Number(b.status === 'queued'));
  if (json) printJson(rows);
  else {
    const lines = rows.map((row) => [
      row.run_id,
      cell(row.experiment),
      cell(row.trial),
      `${styledStatus(row.status)}${row.stale ? ' (stale)' : ''}`,
      row.progress === null ? '–' : `${Math.round(row.progress * 100)}%`,
      formatDuration(row.seconds * 1000),
      row.runner,
    ]);
    if (rows.length === 0) say('nothing runs and nothing waits');
    else print(table(['RUN', 'EXPERIMENT', 'TRIAL', 'STATUS', 'PROGRESS', 'FOR', 'RUNNER'], lines));
    if (rows.some(({ stale }) => stale))
      say(
        'stale: its runner has said nothing for a minute; start it again with: lightex runner start',
      );
  }
  return 0;
};
