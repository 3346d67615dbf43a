import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProcessExecutor } from '../dispatcher/executors/process.ts';
import { type Checkout, openCheckout, type Snapshot } from '../git/simple-git/checkout.ts';
import { clearLocks, openMirror } from '../git/simple-git/mirror.ts';
import { LightexError } from '../model/errors.ts';
import type { Runner } from '../model/job.ts';
import { readSchemas } from '../namedconf/jsonnet/schemas.ts';
import { makeConfigVm } from '../namedconf/jsonnet/vm.ts';
import { loadProject, type Project } from '../namedconf/project.ts';
import { loadRunners, normaliseRunner } from '../namedconf/runners.ts';
import type { SourceTree } from '../namedconf/source.ts';
import { makeValidator, type Validator } from '../namedconf/validate.ts';
import { systemClock } from '../platform/clock.ts';
import { fileCoordination } from '../platform/file-coordination.ts';
import { acquireLock } from '../platform/lock.ts';
import { thisMachine } from '../platform/machine.ts';
import type { ConfigVm } from '../ports/system.ts';
import { openJournal } from '../store/disk/journal.ts';
import { openRunStore } from '../store/disk/run-store.ts';
import { Ledger } from './ledger.ts';
import type { Notify } from './news.ts';
import { reportInChild } from './report-child.ts';
import type { Services } from './services.ts';
import { sourceTree } from './source-tree.ts';
import {
  findWorkspace,
  prepareState,
  runnerIdentity,
  storeFolder,
  type Workspace,
} from './workspace.ts';

/** What evaluates and validates configuration. */
export interface Config {
  readonly vm: ConfigVm;
  readonly validate: Validator;
}

/** The evaluator and the schemas that the package ships. */
async function openConfig(): Promise<Config> {
  return { vm: makeConfigVm(), validate: makeValidator(await readSchemas()) };
}

/** The workspace as it lies in the working directory, committed or not. */
export interface WorkingCopy extends Config {
  readonly workspace: Workspace;
  readonly checkout: Checkout;
  readonly snapshot: Snapshot;
  readonly tree: SourceTree;
  readonly project: Project;
}

/** Reads the workspace around `folder`, gives it to `use`, and clears the snapshot away. @throws LTX_NO_WORKSPACE, LTX_CONFIG_… */
export async function withWorkingCopy<T>(
  folder: string,
  use: (copy: WorkingCopy) => Promise<T>,
): Promise<T> {
  const workspace = await findWorkspace(folder);
  const checkout = await openCheckout(workspace.root);
  const [snapshot, config] = await Promise.all([checkout.snapshot(), openConfig()]);
  try {
    const tree = await sourceTree(snapshot, snapshot.tree);
    const project = await loadProject(tree, config.vm, config.validate);
    return await use({ ...config, workspace, checkout, snapshot, tree, project });
  } finally {
    await snapshot.close();
  }
}

/** The store of the workspace around `folder`, as its lightex.jsonnet says. */
export function findStore(
  folder: string,
): Promise<{ readonly workspace: Workspace; readonly store: string }> {
  return withWorkingCopy(folder, async ({ workspace, project }) => ({
    workspace,
    store: storeFolder(workspace, project.settings.store),
  }));
}

/** A daemon's services, and what ends them. */
export interface OpenServices {
  readonly services: Services;
  close(): Promise<void>;
}

/**
 * Everything that the runner of this name needs, under its locks; without a name the only one there is.
 * @throws LTX_RUNNER_BUSY when a daemon already works in this workspace
 */
export function openServices(
  folder: string,
  name: string | undefined,
  notify: Notify,
): Promise<OpenServices> {
  return withWorkingCopy(folder, async (copy) => {
    const { workspace, checkout, project } = copy;
    const runner = await chooseRunner(copy, name);
    const url = await checkout.remoteUrl(runner.watch.remote);
    await prepareState(workspace);
    const identity = await runnerIdentity(workspace, runner.name);
    const release = await lockWorkspace(workspace);
    try {
      const executor = new ProcessExecutor(workspace.attempts);
      const store = await openRunStore(
        storeFolder(workspace, project.settings.store),
        identity.id,
        systemClock,
      );
      const ledger = await Ledger.open(await openJournal(join(identity.folder, 'journal')));
      const place = {
        folder: workspace.mirror,
        treesFolder: workspace.trees,
        url,
        prefix: checkout.prefix,
      };
      const repo = await openMirror(place);
      await clearLocks(workspace.mirror);
      const services: Services = {
        workspace,
        runner,
        runnerId: identity.id,
        repo,
        vm: copy.vm,
        validate: copy.validate,
        executor,
        store,
        coordination: fileCoordination(workspace.coordination),
        ledger,
        clock: systemClock,
        notify,
        checkedOut: await checkout.branch(),
        buildReport: (experiment, commit) => reportInChild(workspace.root, experiment, commit),
      };
      const close = async () => {
        executor.close();
        await store.close();
        await ledger.close();
        await release();
      };
      return { services, close };
    } catch (cause) {
      await release();
      throw cause;
    }
  });
}

async function chooseRunner(
  { tree, vm, validate }: WorkingCopy,
  name: string | undefined,
): Promise<Runner> {
  const { files, invalid } = await loadRunners(tree, vm, validate);
  for (const error of invalid.values()) throw error;
  const all = [...files.values()];
  const names = all.map((runner) => runner.name).join(', ');
  const chosen = name === undefined ? all : all.filter((runner) => runner.name === name);
  const [file] = chosen;
  if (file === undefined) {
    throw new LightexError(
      'LTX_NOT_FOUND',
      name === undefined ? 'runners/ has no file' : `runners/ has no runner "${name}"`,
      {
        hint:
          names === '' ? "Write runners/local.jsonnet: { name: 'local' }" : `There is: ${names}`,
      },
    );
  }
  if (chosen.length > 1) {
    throw new LightexError('LTX_USAGE', 'runners/ has several runners', {
      hint: `Say which: lightex runner start NAME, one of ${names}`,
    });
  }
  return normaliseRunner(file, thisMachine());
}

/** One daemon a workspace, until several runners can share a remote. */
async function lockWorkspace({ state }: Workspace): Promise<() => Promise<void>> {
  const folder = join(state, 'runners');
  await mkdir(folder, { recursive: true });
  const taken = await acquireLock(join(folder, 'lock'));
  if ('lock' in taken) return () => taken.lock.release();
  throw new LightexError(
    'LTX_RUNNER_BUSY',
    `a runner works in this workspace already: process ${taken.heldBy.pid}`,
    {
      hint: `See its runs with: lightex ps. End it with: kill ${taken.heldBy.pid}`,
    },
  );
}
