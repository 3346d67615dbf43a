import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessExecutor } from '../dispatcher/executors/process.ts';
import { SPAWNER_MARK } from '../dispatcher/executors/spawner-client.ts';
import { clearLocks, openMirror } from '../git/simple-git/mirror.ts';
import { LightexError } from '../model/errors.ts';
import type { Runner } from '../model/job.ts';
import { systemClock } from '../platform/clock.ts';
import { fileCoordination } from '../platform/file-coordination.ts';
import { acquireLock, type Lock } from '../platform/lock.ts';
import { endMarked } from '../platform/process-table.ts';
import { openJournal } from '../store/disk/journal.ts';
import { openRunStore } from '../store/disk/run-store.ts';
import { chooseRunner, fittingRunner } from './choose-runner.ts';
import { Ledger } from './ledger.ts';
import type { Notify } from './news.ts';
import { reportInChild } from './report-child.ts';
import type { DaemonServices, Services } from './services.ts';
import { CLI_PREFIX } from './take-over.ts';
import type { WorkingCopy } from './working-copy.ts';
import { prepareState, runnerIdentity, storeFolder, type Workspace } from './workspace.ts';

/** Services, and what ends them. */
export interface Open<S extends Services> {
  readonly services: S;
  close(): Promise<void>;
}

/**
 * Everything that the daemon of this name needs, under its locks; without a name the only runner there is.
 * @throws LTX_RUNNER_BUSY when a daemon already works in this workspace
 */
export async function openDaemon(
  copy: WorkingCopy,
  name: string | undefined,
  notify: Notify,
): Promise<Open<DaemonServices>> {
  const { workspace, checkout, vm, validate } = copy;
  const runner = await chooseRunner(copy, name);
  const url = await checkout.remoteUrl(runner.watch.remote);
  await prepareState(workspace);
  const lock = await lockDaemon(workspace);
  return guarded(lock, async () => {
    const { id, folder } = await runnerIdentity(workspace, runner.name);
    await clearLocks(workspace.mirror);
    const repo = await openMirror({
      folder: workspace.mirror,
      treesFolder: workspace.trees,
      url,
      prefix: checkout.prefix,
    });
    const engine = await openEngine(copy, runner, id, folder, repo, notify);
    const services = {
      ...engine.services,
      repo,
      vm,
      validate,
      remoteFolder: folderOf(url),
      checkedOut: await checkout.branch(),
    };
    const close = async () => {
      await engine.close();
      await lock.release();
    };
    return { services, close };
  });
}

/** What executes runs for one command, as a writer of its own; what it leaves unfinished the next runner takes over. */
export async function openForCommand(
  copy: WorkingCopy,
  wanted: { readonly name: string | undefined; readonly labels: readonly string[] },
  notify: Notify,
): Promise<Open<Services>> {
  const { workspace, checkout } = copy;
  const runner = await fittingRunner(copy, wanted);
  await prepareState(workspace);
  const { id, folder, lock } = await newWriter(workspace);
  return guarded(lock, async () => {
    const { services, close } = await openEngine(
      copy,
      runner,
      id,
      folder,
      checkout.objects(workspace.trees),
      notify,
    );
    return {
      services,
      close: async () => {
        await close();
        await lock.release();
      },
    };
  });
}

/** A writer of a name that nobody has; under its lock from the beginning, or it would look dead to others. */
async function newWriter({
  state,
}: Workspace): Promise<{ id: string; folder: string; lock: Lock }> {
  for (;;) {
    const id = `${CLI_PREFIX}${randomBytes(4).toString('hex')}`;
    const folder = join(state, 'runners', id);
    const taken = await acquireLock(join(folder, 'lock'));
    if ('lock' in taken) return { id, folder, lock: taken.lock };
  }
}

async function openEngine(
  { workspace, project }: WorkingCopy,
  runner: Runner,
  runnerId: string,
  folder: string,
  code: Services['code'],
  notify: Notify,
): Promise<Open<Services>> {
  await endMarked(SPAWNER_MARK, runnerId);
  const executor = new ProcessExecutor(workspace.attempts, runnerId);
  const store = await openRunStore(
    storeFolder(workspace, project.settings.store),
    runnerId,
    systemClock,
  );
  const ledger = await Ledger.open(await openJournal(join(folder, 'journal')));
  const services: Services = {
    workspace,
    runner,
    runnerId,
    code,
    executor,
    store,
    coordination: fileCoordination(workspace.coordination),
    ledger,
    clock: systemClock,
    notify,
    buildReport: (experiment, commit) => reportInChild(workspace.root, experiment, commit),
  };
  const close = async () => {
    executor.close();
    await store.close();
    await ledger.close();
  };
  return { services, close };
}

/** One daemon a workspace, until several runners can share a remote. */
async function lockDaemon({ state }: Workspace): Promise<Lock> {
  const folder = join(state, 'runners');
  await mkdir(folder, { recursive: true });
  const taken = await acquireLock(join(folder, 'lock'));
  if ('lock' in taken) return taken.lock;
  throw new LightexError(
    'LTX_RUNNER_BUSY',
    `a runner works in this workspace already: process ${taken.heldBy.pid}`,
    {
      hint: `See its runs with: lightex ps. End it with: kill ${taken.heldBy.pid}`,
    },
  );
}

async function guarded<T>(lock: Lock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}

/** The path that an address means on this machine, undefined for one elsewhere. */
function folderOf(url: string): string | undefined {
  if (url.startsWith('file://')) return fileURLToPath(url);
  return url.startsWith('/') ? url : undefined;
}
