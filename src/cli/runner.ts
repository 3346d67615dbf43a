import { type OpenServices, openServices } from '../app/compose.ts';
import { Daemon, type Waiting } from '../app/daemon.ts';
import type { News } from '../app/news.ts';
import { LightexError } from '../model/errors.ts';
import { say } from './output.ts';
import { Progress } from './progress.ts';
import { logNews, tellNews, tellWaiting } from './runner-news.ts';
import type { Verb } from './verbs.ts';

/** A second signal within this cancels the runs instead of leaving them. */
const TWICE_MS = 5_000;

/** Runs a daemon. `--once` ends when nothing is left: 1 when a run of it did not succeed. */
export const run: Verb = async ([action, name], { once, json }) => {
  if (action !== 'start') {
    throw new LightexError('LTX_USAGE', `"${action}" is nothing that a runner does`, {
      hint: 'Write: lightex runner start',
    });
  }
  const progress = new Progress(process.stderr, once === true && json !== true);
  const failed = new Set<string>();
  const notify = (news: News) => {
    if (news.type === 'ended')
      failed[news.run.status === 'succeeded' ? 'delete' : 'add'](news.run.id);
    if (json || !once) logNews(news);
    else tellNews(news, progress);
  };
  const open = await openServices(process.cwd(), name, notify);
  const daemon = new Daemon(open.services);
  const isInterrupted = listen(daemon);
  progress.follow(() => daemon.unfinished());
  try {
    if (!once) say(greeting(open));
    const waiting = once
      ? await daemon.once()
      : await daemon.run().then((): readonly Waiting[] => []);
    progress.end();
    tellWaiting(waiting, daemon.unfinished());
  } finally {
    progress.end();
    await open.close();
  }
  if (isInterrupted()) return once ? 130 : 0;
  return once && failed.size > 0 ? 1 : 0;
};

function greeting({ services: { runner, workspace } }: OpenServices): string {
  const { cpus, memoryBytes } = runner.capacity;
  return `runner ${runner.name} watches ${runner.watch.remote} for ${workspace.root}: ${runner.maxParallel} runs at once, ${cpus} cpus, ${Math.floor(memoryBytes / 2 ** 30)} GiB, labels ${runner.labels.join(' ')}. The only runner of this remote, until several can share one. Ctrl-C leaves the runs running.`;
}

/** First INT or TERM: stop claiming, leave the runs running. A second INT soon after: end them too. */
function listen(daemon: Daemon): () => boolean {
  let first: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = Date.now();
      say('stopping; the runs go on, and the next start takes them up. Ctrl-C again cancels them');
      daemon.stop('detach');
    } else if (signal === 'SIGINT' && Date.now() - first < TWICE_MS) {
      say('cancelling');
      daemon.stop('cancel');
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => first !== undefined;
}
