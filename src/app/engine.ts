import { type Decision, schedule } from '../dispatcher/schedule.ts';
import { LightexError } from '../model/errors.ts';
import type { CommitSha, RunId } from '../model/experiment.ts';
import type { JobHandle } from '../model/job.ts';
import { isFinal } from '../model/lifecycle.ts';
import type { Run } from '../model/run.ts';
import { CANCEL, claim, DETACH, execute } from './attempt.ts';
import { cancelWishes, clearCancel } from './control.ts';
import { Publisher } from './publisher.ts';
import { Reports } from './reports.ts';
import type { Services } from './services.ts';

/** How often wishes are looked for and others are shown what is live, at most. */
const TICK_MS = 1_000;
/** Live runs are shown at least so often: a writer that is silent for a minute counts as stale. */
const HEARTBEAT_MS = 15_000;

export type Waiting = Extract<Decision, { start: false }>;

/** Executes the runs of a ledger on one runner: starts what fits, supervises, publishes, cancels. */
export class Engine {
  readonly #services: Services;
  readonly #publisher: Publisher;
  readonly #reports: Reports;
  /** Attempts that this process supervises, and what ends that. */
  readonly #active = new Map<
    RunId,
    { readonly stop: AbortController; readonly ended: Promise<void> }
  >();
  /** Queued runs that another runner has. */
  readonly #taken = new Set<RunId>();
  #isDraining = false;
  #failure: LightexError | undefined;
  #isWoken = false;
  #wakeUp: () => void = () => {};
  #tickedAt = 0;
  #shownAt = 0;
  #isChanged = true;

  constructor(services: Services) {
    this.#services = services;
    this.#publisher = new Publisher(services);
    this.#reports = new Reports(services);
    services.ledger.onChange = (what) => {
      this.#isChanged = true;
      if (what === 'state') this.wake();
    };
  }

  /** Takes up what an earlier process of this runner left: each run from the first step that its journal lacks. */
  async recover(): Promise<void> {
    const { ledger, executor, store, notify } = this.#services;
    const unfinished = ledger
      .runs()
      .filter(({ id, status }) => status !== 'queued' && !this.#active.has(id));
    // What we showed before may be more than the journal knows: a run that it lacks was never queued.
    await store.showLive(ledger.runs());
    const jobs = await executor.list();
    await this.#clearEnded(jobs);
    for (const run of unfinished) {
      if (run.status === 'collecting') continue;
      notify({ type: 'adopted', run });
      this.#begin(
        run,
        jobs.find((job) => job.runId === run.id && job.attempt === run.attempt) ?? run.job,
      );
    }
    this.#publish();
  }

  /** Folders of runs that were published by a process that died before it could clear them away. */
  async #clearEnded(jobs: readonly JobHandle[]): Promise<void> {
    const { ledger, store } = this.#services;
    const tried = await store.tried();
    for (const id of new Set(jobs.map(({ runId }) => runId))) {
      const run = tried.get(id);
      if (run === undefined || !isFinal(run.status) || ledger.entry(id) !== undefined) continue;
      const ended = { id, jobs: jobs.filter(({ runId }) => runId === id) };
      if (run.status === 'succeeded') await this.#publisher.forget(ended);
      else await this.#publisher.keepFailed(ended);
    }
  }

  /**
   * Starts what fits, hears wishes, shows what changed. The queued runs that wait, and why.
   * @throws what made an attempt or a publication fail for good: the journal or the store cannot be written
   */
  async step(): Promise<readonly Waiting[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = this.#isDraining ? [] : await this.#start();
    const { clock, ledger } = this.#services;
    if (clock.now() - this.#tickedAt >= TICK_MS) {
      this.#tickedAt = clock.now();
      await this.#hearWishes();
      await this.#forgetTaken();
      await this.#showLive();
    }
    this.#reports.build(ledger.runs());
    return waiting;
  }

  /** True while an attempt runs or is being published. */
  get isBusy(): boolean {
    return (
      this.#active.size > 0 ||
      this.#services.ledger.runs().some(({ status }) => status === 'collecting')
    );
  }

  /** The report of an experiment is to be built, as it is at a commit. */
  wantReport(experiment: string, commit: CommitSha): void {
    this.#reports.want(experiment, commit);
    this.wake();
  }

  /** Claims nothing more. */
  drain(): void {
    this.#isDraining = true;
    this.wake();
  }

  /** Claims nothing more and lets the runs go on without us. */
  detach(): void {
    this.drain();
    for (const { stop } of this.#active.values()) stop.abort(DETACH);
  }

  /** Cancels unfinished runs: those that run are ended, those that wait are never started. Others are left alone. */
  async cancel(ids: readonly RunId[], by: string): Promise<void> {
    const { ledger, clock } = this.#services;
    for (const id of ids) {
      const run = ledger.entry(id)?.run;
      if (run === undefined || run.cancelRequested || isFinal(run.status)) continue;
      const base = { runId: id, at: clock.now() };
      const ended = { ...base, type: 'exited', exit: { kind: 'cancelled' } } as const;
      await ledger.record(
        { ...base, type: 'cancel-requested', by },
        ...(run.status === 'queued' ? [ended] : []),
      );
      this.#active.get(id)?.stop.abort(CANCEL);
    }
    this.#publish();
  }

  /** Waits until nothing is supervised, publishes what ended, builds the reports. @throws like `step` */
  async finish(): Promise<void> {
    while (this.#active.size > 0)
      await Promise.all([...this.#active.values()].map(({ ended }) => ended));
    const { ledger, store } = this.#services;
    if (this.#failure === undefined) {
      await this.#publisher.publish();
      this.#reports.build(ledger.runs());
      await this.#reports.built();
      await store.showLive(ledger.runs());
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  /** Until something changed, or a tick passed. A change since the last pause counts. */
  async pause(): Promise<void> {
    const woken = new AbortController();
    this.#wakeUp = () => woken.abort();
    if (!this.#isWoken) await this.#services.clock.sleep(TICK_MS, woken.signal);
    this.#isWoken = false;
  }

  async #start(): Promise<readonly Waiting[]> {
    const { ledger, runner, clock } = this.#services;
    const runs = ledger.runs();
    const isBusy = ({ status }: Run) =>
      status === 'claimed' || status === 'starting' || status === 'running';
    const queued = runs.filter(({ id, status }) => status === 'queued' && !this.#taken.has(id));
    const decisions = schedule(queued, runs.filter(isBusy), runner, clock.now());
    await this.#claim(decisions.filter(({ start }) => start).map(({ run }) => run));
    return decisions.filter((decision): decision is Waiting => !decision.start);
  }

  async #claim(ids: readonly RunId[]): Promise<void> {
    const { ledger } = this.#services;
    const runs = ids.flatMap((id) => ledger.entry(id)?.run ?? []);
    const claimed = await claim(runs, this.#services);
    for (const { id } of runs) if (!claimed.includes(id)) this.#taken.add(id);
    for (const id of claimed) this.#begin(ledger.entry(id)?.run as Run, undefined);
  }

  #begin(run: Run, job: JobHandle | undefined): void {
    const stop = new AbortController();
    if (run.cancelRequested) stop.abort(CANCEL);
    const ended = execute(run, job, this.#services, stop.signal)
      .then(() => this.#publish())
      .catch((cause) => this.#fail(cause))
      .finally(() => {
        this.#active.delete(run.id);
        this.wake();
      });
    this.#active.set(run.id, { stop, ended });
    this.#services.notify({ type: 'started', run });
  }

  #publish(): void {
    for (const run of this.#services.ledger.runs())
      if (run.status === 'collecting') this.#reports.want(run.trial.experiment, run.origin.commit);
    this.#publisher.publish().then(
      () => this.wake(),
      (cause) => this.#fail(cause),
    );
  }

  /** An engine that cannot keep its journal or its store stops at once; the jobs go on, and the next start takes them up. */
  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??=
      cause instanceof LightexError ? cause : new LightexError('LTX_INTERNAL', message, { cause });
    this.detach();
  }

  async #hearWishes(): Promise<void> {
    const { workspace, ledger } = this.#services;
    for (const { runId, by } of await cancelWishes(workspace)) {
      if (ledger.entry(runId) === undefined) continue; // another runner's
      await this.cancel([runId], by);
      await clearCancel(workspace, runId);
    }
  }

  /** A queued run that another runner brought to its end is no business of ours any more: its result is published. */
  async #forgetTaken(): Promise<void> {
    if (this.#taken.size === 0) return;
    const { store, ledger, clock } = this.#services;
    const tried = await store.tried();
    for (const id of this.#taken) {
      const theirs = tried.get(id);
      if (theirs === undefined || !isFinal(theirs.status)) continue;
      this.#taken.delete(id);
      const { status, reason } = theirs as { status: 'succeeded'; reason?: typeof theirs.reason };
      await ledger.record({
        type: 'ended',
        runId: id,
        at: clock.now(),
        status,
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }

  async #showLive(): Promise<void> {
    const { clock, store, ledger } = this.#services;
    if (!this.#isChanged && clock.now() - this.#shownAt < HEARTBEAT_MS) return;
    this.#isChanged = false;
    this.#shownAt = clock.now();
    await store.showLive(ledger.runs());
  }
}
