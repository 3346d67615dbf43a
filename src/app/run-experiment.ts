import { schedule } from '../dispatcher/schedule.ts';
import { LightexError } from '../model/errors.ts';
import type { RunId } from '../model/experiment.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { Run } from '../model/run.ts';
import type { TriedRun } from '../ports/store.ts';
import { openForCommand } from './compose.ts';
import { Engine, type Waiting } from './engine.ts';
import type { Notify } from './news.ts';
import { runsOf } from './plan-commit.ts';
import { type OverrideTexts, planExperiment } from './plan-experiment.ts';
import type { Services } from './services.ts';
import { takeOverDead } from './take-over.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface RunRequest {
  readonly experiment: string;
  readonly overrides: OverrideTexts;
  /** A runner file by name; undefined: the first that fits. */
  readonly runner: string | undefined;
}

/** What became of the trials of a plan. */
export interface RunResult {
  readonly commit: string;
  /** Every trial's run: its state now, reused ones too. */
  readonly runs: readonly TriedRun[];
}

/** One execution of a plan, here and now; `interrupt` cancels what is left of it. */
export interface Execution {
  readonly unfinished: () => readonly Run[];
  interrupt(): void;
}

/** A run that others execute is asked for so often. */
const FOLLOW_MS = 1_000;

/**
 * Plans an experiment of the working directory and executes what did not succeed yet, without a daemon or a remote.
 * What somebody else of this workspace executes is followed to its end. @throws LTX_NOT_FOUND, LTX_CONFIG_…, LTX_SNAPSHOT_REFUSED
 */
export async function runExperiment(
  copy: WorkingCopy,
  request: RunRequest,
  notify: Notify,
  onBegin: (execution: Execution) => void,
): Promise<RunResult> {
  const plan = await planExperiment(copy, request.experiment, request.overrides);
  const { checkout } = copy;
  const facts =
    plan.commit === null ? await checkout.commitSnapshot() : await checkout.facts(plan.commit);
  const trials = plan.trials.map(({ trial }) => trial);
  const labels = [...new Set(trials.flatMap(({ spec }) => spec.runsOn))];
  const { services, close } = await openForCommand(copy, { name: request.runner, labels }, notify);
  try {
    const branch = (await checkout.branch()) ?? 'detached';
    const runs = runsOf(
      { experiment: plan.experiment, trials },
      facts,
      branch,
      services.clock.now(),
    );
    refuseUnfit(runs, services);
    await takeOverDead(services);
    const queued = await queueOpen(runs, services);
    notify({
      type: 'planned',
      branch,
      commit: facts.commit,
      experiment: plan.experiment.name,
      queued,
      reused: runs.length - queued,
    });
    const work = new Work(
      services,
      runs.map(({ id }) => id),
    );
    onBegin(work);
    await work.toEnd();
    const tried = await services.store.tried();
    return { commit: facts.commit, runs: runs.flatMap(({ id }) => tried.get(id) ?? []) };
  } finally {
    await close();
  }
}

/** Nothing is queued that this command could never run. @throws LTX_USAGE */
function refuseUnfit(runs: readonly Run[], { runner, clock }: Services): void {
  const unfit = schedule(runs, [], runner, clock.now()).find(
    (decision) => !decision.start && !mayStart(decision),
  );
  if (unfit === undefined || unfit.start) return;
  throw new LightexError('LTX_USAGE', `these trials cannot run here: ${unfit.detail}`, {
    hint:
      unfit.waitsFor === 'label'
        ? 'Name a runner file that has the label with --runner, or change runs_on in the experiment'
        : 'Name another runner file with --runner, or ask for less: --set resources.cpus=1',
  });
}

/** Queues the runs that did not succeed and that nobody executes; how many. A failed one goes on with its next attempt. */
async function queueOpen(
  runs: readonly Run[],
  { ledger, store, clock }: Services,
): Promise<number> {
  const tried = await store.tried();
  const open = runs.flatMap((run) => {
    const before = tried.get(run.id);
    if (ledger.entry(run.id) !== undefined) return []; // taken over just now
    if (before === undefined) return [run];
    return isFinal(before.status) && before.status !== 'succeeded'
      ? [{ ...run, attempt: before.attempt }]
      : [];
  });
  const at = clock.now();
  await ledger.record(...open.map((run) => ({ type: 'queued', runId: run.id, at, run }) as const));
  return open.length;
}

/** A plan being executed: until each of its runs has ended, here or elsewhere. */
class Work implements Execution {
  readonly #services: Services;
  readonly #engine: Engine;
  readonly #ids: readonly RunId[];
  #isInterrupted = false;
  #failure: LightexError | undefined;
  #lookedAt = 0;
  #isElse = true;

  constructor(services: Services, ids: readonly RunId[]) {
    this.#services = services;
    this.#engine = new Engine(services);
    this.#ids = ids;
  }

  unfinished = () => this.#services.ledger.runs();

  interrupt(): void {
    this.#isInterrupted = true;
    this.#engine.drain();
    const ids = this.#services.ledger.runs().map(({ id }) => id);
    this.#engine.cancel(ids, 'the command line').catch((cause: LightexError) => {
      this.#failure = cause;
      this.#engine.wake();
    });
  }

  async toEnd(): Promise<void> {
    await this.#engine.recover();
    let waiting = await this.#engine.step();
    while (this.#engine.isBusy || waiting.some(mayStart) || (await this.#isElsewhere())) {
      await this.#engine.pause();
      waiting = await this.#engine.step();
      if (this.#failure !== undefined) throw this.#failure;
    }
    // What can never start here is not left behind for others to trip over.
    await this.#engine.cancel(
      waiting.map(({ run }) => run),
      'no runner of this command fits',
    );
    await this.#engine.finish();
  }

  /** True while a run of the plan is another runner's and has not ended. */
  async #isElsewhere(): Promise<boolean> {
    const { store, clock } = this.#services;
    if (this.#isInterrupted) return false;
    if (clock.now() - this.#lookedAt < FOLLOW_MS) return this.#isElse;
    this.#lookedAt = clock.now();
    const tried = await store.tried();
    const theirs = this.#ids
      .flatMap((id) => tried.get(id) ?? [])
      .filter(({ status }) => !isFinal(status));
    const silent = theirs.filter(({ stale }) => stale === true).length;
    if (silent > 0)
      throw new LightexError('LTX_RUNNER_BUSY', `${silent} runs are a silent runner's`, {
        hint: 'Start it again, and it goes on with them: lightex runner start',
      });
    this.#isElse = theirs.length > 0;
    return this.#isElse;
  }
}

function mayStart({ waitsFor }: Waiting): boolean {
  return waitsFor !== 'label' && waitsFor !== 'too-large';
}
