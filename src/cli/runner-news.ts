import type { Waiting } from '../app/engine.ts';
import type { News } from '../app/news.ts';
import { formatDuration } from '../model/quantity.ts';
import type { Run } from '../model/run.ts';
import { openLogger } from '../platform/logger.ts';
import { cell, describeError, describeProblems, styledStatus } from './output.ts';
import type { Progress } from './progress.ts';

const log = openLogger('info');

/** News as log lines, for a daemon that nobody looks at. */
export function logNews(news: News): void {
  const { type, ...fields } = news;
  switch (news.type) {
    case 'trouble':
      log.warn('trouble', { code: news.error.code, message: news.error.message });
      break;
    case 'not-planned':
      log.warn('not-planned', fields);
      break;
    case 'adopted':
    case 'started':
    case 'ended':
    case 'requeued': {
      const { id, trial, status, reason, attempt, exitMessage } = news.run;
      log.info(`run-${type}`, {
        run: id,
        experiment: trial.experiment,
        trial: trial.label,
        attempt,
        status,
        reason,
        message: exitMessage,
      });
      break;
    }
    default:
      log.info(type, fields);
  }
}

/** News as sentences, above the progress bar. */
export function tellNews(news: News, progress: Progress): void {
  const text = sentence(news);
  if (news.type === 'ended') progress.count(news.run);
  if (text !== undefined) progress.say(text);
}

function sentence(news: News): string | undefined {
  switch (news.type) {
    case 'branch-refused':
      return `branch ${news.branch} is not trusted by this runner: nothing of it runs (trust.branches in its file)`;
    case 'branch-fallback':
      return `the remote shows no default branch; taking the one checked out here: ${news.branch}`;
    case 'planned': {
      const reused = news.reused === 0 ? '' : `, ${news.reused} tried before`;
      return `${news.experiment} at ${news.commit.slice(0, 8)} (${news.branch}): ${news.queued} to run${reused}`;
    }
    case 'not-planned':
      return [
        `${news.commit.slice(0, 8)} (${news.branch}) has files that cannot be planned:`,
        ...describeProblems(news.problems),
      ].join('\n');
    case 'adopted':
      return `goes on with ${name(news.run)}`;
    case 'requeued':
      return `${name(news.run)}: ${news.why}; it is tried again`;
    case 'ended':
      return news.run.status === 'succeeded'
        ? undefined
        : `${styledStatus(news.run.status, process.stderr)} ${name(news.run)}: ${cell(news.run.exitMessage)}`;
    case 'report':
      return `report: ${news.path}`;
    case 'trouble':
      return describeError(news.error);
    case 'started':
      return undefined;
  }
}

/** What a runner that ends leaves behind, and why: one line a reason. */
export function tellWaiting(waiting: readonly Waiting[], unfinished: readonly Run[]): void {
  const reasons = new Map<string, string[]>();
  for (const { run, detail } of waiting) reasons.set(detail, [...(reasons.get(detail) ?? []), run]);
  for (const [detail, ids] of reasons) {
    const experiments = new Set(
      unfinished.filter(({ id }) => ids.includes(id)).map(({ trial }) => trial.experiment),
    );
    process.stderr.write(`${ids.length} of ${[...experiments].join(', ')} wait: ${detail}\n`);
  }
}

function name({ id, trial, startedAt, endedAt }: Run): string {
  const took =
    startedAt === undefined || endedAt === undefined
      ? ''
      : ` after ${formatDuration(endedAt - startedAt)}`;
  return `${id} (${trial.experiment} ${trial.label})${took}`;
}
