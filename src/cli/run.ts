import type { News } from '../app/news.ts';
import { type Execution, runExperiment } from '../app/run-experiment.ts';
import { withWorkingCopy } from '../app/working-copy.ts';
import { print, printJson, styledStatus, table } from './output.ts';
import { overrideTexts } from './plan.ts';
import { Progress } from './progress.ts';
import { tellNews } from './runner-news.ts';
import type { Verb } from './verbs.ts';

/** Executes an experiment here and now; 1 when a trial has no success at the end, 130 when it was interrupted. */
export const run: Verb = async ([experiment = ''], options) => {
  const progress = new Progress(process.stderr, options.json !== true);
  let execution: Execution | undefined;
  let isInterrupted = false;
  const onSignal = () => {
    isInterrupted = true;
    progress.say('cancelling');
    execution?.interrupt();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const notify = (news: News) => tellNews(news, progress);
  const request = {
    experiment,
    overrides: overrideTexts(options),
    runner: options.runner === undefined ? undefined : String(options.runner),
  };
  const onBegin = (begun: Execution) => {
    execution = begun;
    progress.follow(begun.unfinished);
    if (isInterrupted) begun.interrupt();
  };
  try {
    const { commit, runs } = await withWorkingCopy(process.cwd(), (copy) =>
      runExperiment(copy, request, notify, onBegin),
    );
    progress.end();
    if (options.json) printJson({ commit, runs });
    else print(table(['STATUS', 'RUNS'], countByStatus(runs)));
    if (isInterrupted) return 130;
    return runs.every(({ status }) => status === 'succeeded') ? 0 : 1;
  } finally {
    progress.end();
  }
};

function countByStatus(
  runs: readonly { readonly status: string }[],
): readonly (readonly string[])[] {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => [styledStatus(status), String(count)]);
}
