import { openDaemon } from '../app/compose.ts';
import { Daemon } from '../app/daemon.ts';
import type { Waiting } from '../app/engine.ts';
import type { News } from '../app/news.ts';
import type { DaemonServices } from '../app/services.ts';
import { wakeRunners, watchForWork } from '../app/wake.ts';
import { withWorkingCopy } from '../app/working-copy.ts';
import { LightexError } from '../model/errors.ts';
import { say } from './output.ts';
import { Progress } from './progress.ts';
import { logNews, tellNews, tellWaiting } from './runner-news.ts';
import type { Verb } from './verbs.ts';

/** After Ctrl-C a second one within this cancels the runs; then they are left running. */
const TWICE_MS = 5_000;

/** `start` runs a daemon (`--once`: 1 when a run of it did not succeed, 2 when a file could not be planned); `wake` makes the running one look at once. */
export const run: Verb = async ([action, name], options) => {
  if (action === 'start') return start(name, options.once === true, options.json === true);
  if (action === 'wake') {
    await wakeRunners(process.cwd());
    return 0;
  }
  throw new LightexError('LTX_USAGE', `"${action}" is nothing that a runner does`, {
    hint: 'Write: lightex runner start, or: lightex runner wake',
  });
};

async function start(name: string | undefined, once: boolean, asLog: boolean): Promise<number> {
  const progress = new Progress(process.stderr, once && !asLog);
  const failed = new Set<string>();
  let isFaulty = false;
  const notify = (news: News) => {
    if (news.type === 'ended')
      failed[news.run.status === 'succeeded' ? 'delete' : 'add'](news.run.id);
    if (news.type === 'not-planned') isFaulty = true;
    if (asLog || !once) logNews(news);
    else tellNews(news, progress);
  };
  const { services, close } = await withWorkingCopy(process.cwd(), (copy) =>
    openDaemon(copy, name, notify),
  );
  const daemon = new Daemon(services);
  const isInterrupted = listen(daemon);
  const unwatch = await watchForWork(services, () => daemon.lookNow());
  progress.follow(() => daemon.unfinished());
  try {
    if (!once) say(greeting(services));
    const waiting: readonly Waiting[] = once
      ? await daemon.once()
      : await daemon.run().then(() => []);
    progress.end();
    tellWaiting(waiting, daemon.unfinished());
  } finally {
    progress.end();
    unwatch();
    await close();
  }
  if (isInterrupted()) return once ? 130 : 0;
  if (!once) return 0;
  return failed.size > 0 ? 1 : isFaulty ? 2 : 0;
}

function greeting({ runner, workspace }: DaemonServices): string {
  const { cpus, memoryBytes } = runner.capacity;
  return `runner ${runner.name} watches ${runner.watch.remote} for ${workspace.root}: ${runner.maxParallel} runs at once, ${cpus} cpus, ${Math.floor(memoryBytes / 2 ** 30)} GiB, labels ${runner.labels.join(' ')}. The only runner of this remote, until several can share one. Ctrl-C leaves the runs running.`;
}

/** TERM: leave the runs running and end. INT: claim nothing more; the same a few seconds later, or cancel at a second INT. */
function listen(daemon: Daemon): () => boolean {
  let first: NodeJS.Timeout | undefined;
  let isInterrupted = false;
  process.on('SIGTERM', () => {
    isInterrupted = true;
    daemon.stop();
  });
  process.on('SIGINT', () => {
    isInterrupted = true;
    if (first !== undefined) {
      clearTimeout(first);
      say('cancelling the runs');
      void daemon.cancelAll('Ctrl-C');
      return;
    }
    daemon.engine.drain();
    const running = daemon.unfinished().filter(({ status }) => status !== 'queued').length;
    if (running > 0)
      say(`${running} runs go on, and the next start takes them up; Ctrl-C again cancels them`);
    first = setTimeout(() => daemon.stop(), running > 0 ? TWICE_MS : 0);
  });
  return () => isInterrupted;
}
