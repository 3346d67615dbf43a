import { join } from 'node:path';
import { Engine } from '../../src/app/engine.ts';
import { Ledger } from '../../src/app/ledger.ts';
import type { Services } from '../../src/app/services.ts';
import type { Runner } from '../../src/model/job.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { fileCoordination } from '../../src/platform/file-coordination.ts';
import type { Executor } from '../../src/ports/executor.ts';
import { openJournal } from '../../src/store/disk/journal.ts';
import type { JournalFile } from '../../src/store/disk/journal-file.ts';
import { openRunStore } from '../../src/store/disk/run-store.ts';

const RUNNER: Runner = {
  name: 'lab1',
  labels: [],
  executor: 'process',
  capacity: { cpus: 2, gpus: 0, memoryBytes: 2 ** 30 },
  maxParallel: 2,
  volumes: {},
  watch: { remote: 'origin', pollMs: 1_000 },
  env: [],
};

/** An engine over a workspace's folder, with a real store, a real coordination and what the test says of the rest. */
export async function openTestEngine(
  root: string,
  executor: Executor,
  openFile?: (path: string) => Promise<JournalFile>,
): Promise<{ engine: Engine; services: Services; close(): Promise<void> }> {
  const state = join(root, '.lightex');
  const inside = (name: string) => join(state, name);
  const workspace = {
    root,
    state,
    mirror: inside('mirror.git'),
    trees: inside('trees'),
    attempts: inside('attempts'),
    coordination: inside('coordination'),
    control: inside('control'),
    site: inside('site'),
  };
  const journal = await openJournal(inside('runners/lab1/journal'), openFile);
  const store = await openRunStore(inside('store'), 'lab1-test', systemClock);
  const services: Services = {
    workspace,
    runner: RUNNER,
    runnerId: 'lab1-test',
    code: { materialise: async () => inside('trees/none') },
    executor,
    store,
    coordination: fileCoordination(workspace.coordination),
    ledger: await Ledger.open(journal),
    clock: systemClock,
    notify: () => {},
    buildReport: async () => '',
  };
  const close = async () => {
    await store.close();
    await services.ledger.close();
  };
  return { engine: new Engine(services), services, close };
}

/** Works until nothing is left, as a daemon does after `recover`. @throws what the engine failed with */
export async function workToEnd(engine: Engine): Promise<void> {
  let waiting = await engine.step();
  while (engine.isBusy || waiting.length > 0) {
    await engine.pause();
    waiting = await engine.step();
  }
  await engine.finish();
}
