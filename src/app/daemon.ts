import { type Decision, schedule } from '../dispatcher/schedule.ts';
import { LightexError } from '../model/errors.ts';
import type { CommitSha, RunId } from '../model/experiment.ts';
import type { JobHandle } from '../model/job.ts';
import type { Run } from '../model/run.ts';
import { CANCEL, claim, DETACH, execute } from './attempt.ts';
import { Publisher } from './publisher.ts';
import type { Services } from './services.ts';
import { Watch } from './watch.ts';

const LIVE_MS = 1_000;
/** Polls are spread by so much in both directions, so that many runners do not ask at the same moment. */
const JITTER = 0.2;
/** A remote that cannot be reached is asked ever less often, up to this. */
const MAX_BACKOFF_MS = 5 * 60_000;
/** A decision that waits for this never changes on this runner. */
const NEVER: readonly string[] = ['label', 'too-large'];

export type Waiting = Extract<Decision, { start: false }>;

/** Watches, schedules, supervises and publishes: one runner of one remote, until it is told to stop. */
export class Daemon {
  readonly #services: Services;
  readonly #publisher: Publisher;
  readonly #watch: Watch;
  readonly #stop = new AbortController();
  /** Attempts that this process supervises. */
  readonly #active = new Map<RunId, Promise<void>>();
  /** Queued runs that another runner has. */
  readonly #taken = new Set<RunId>();
  /** Experiment -> the commit of its newest run whose report is not built yet. */
  readonly #reportable = new Map<string, CommitSha>();
  readonly #reports: Promise<void>[] = [];
  #failure: LightexError | undefined;
  #isWoken = false;
  #wakeUp: () => void = () => {};
  #liveAt = 0;
  #isStale = true;

  constructor(services: Services) {
    this.#services = services;
    this.#publisher = new Publisher(services);
    this.#watch = new Watch(services);
    services.ledger.onChange = () => {
      this.#isStale = true;
      this.#wake();
    };
  }

  /** Looks once, works until nothing is left that can run here, builds the reports. What is left, and why it waits. */
  async once(): Promise<readonly Waiting[]> {
    await this.#recover();
    const unreachable = await this.#look();
    for (;;) {
      const waiting = await this.#step();
      const mayStart = waiting.some(({ waitsFor }) => !NEVER.includes(waitsFor));
      if (this.#isIdle() && (!mayStart || this.#stop.signal.aborted)) {
        await this.#finish();
        if (unreachable !== undefined) throw unreachable;
        return waiting;
      }
      await this.#pause(LIVE_MS);
    }
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    await this.#recover();
    const { runner, clock } = this.#services;
    let pollMs = runner.watch.pollMs;
    let nextLook = 0;
    while (!this.#stop.signal.aborted) {
      if (clock.now() >= nextLook) {
        const failed = await this.#look();
        pollMs = failed === undefined ? runner.watch.pollMs : Math.min(pollMs * 2, MAX_BACKOFF_MS);
        nextLook = clock.now() + pollMs * (1 + JITTER * (2 * Math.random() - 1));
      }
      await this.#step();
      await this.#pause(LIVE_MS);
    }
    await Promise.all(this.#active.values());
    await this.#finish();
  }

  /** Stops claiming. `detach` lets the runs go on without us, `cancel` ends them. */
  stop(how: 'detach' | 'cancel'): void {
    this.#stop.abort(how === 'detach' ? DETACH : CANCEL);
    this.#wake();
  }

  /** Unfinished runs, for progress. */
  unfinished(): readonly Run[] {
    return this.#services.ledger.runs();
  }

  async #look(): Promise<LightexError | undefined> {
    try {
      await this.#watch.look();
      return undefined;
    } catch (cause) {
      if (!(cause instanceof LightexError) || cause.fault === 'bug') throw cause;
      this.#services.notify({ type: 'trouble', error: cause });
      return cause;
    }
  }

  /** Takes up what an earlier process of this runner left: each run from the first step that its journal lacks. */
  async #recover(): Promise<void> {
    const { ledger, executor, notify } = this.#services;
    const unfinished = ledger.runs().filter((run) => run.status !== 'queued');
    const jobs = unfinished.length === 0 ? [] : await executor.list();
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

  /** Starts what fits, shows what changed. Queued runs that wait, and why. */
  async #step(): Promise<readonly Waiting[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const waiting = this.#stop.signal.aborted ? [] : await this.#start();
    await this.#showLive();
    this.#buildReports();
    return waiting;
  }

  async #start(): Promise<readonly Waiting[]> {
    const { ledger, runner, clock } = this.#services;
    const runs = ledger.runs();
    const isBusy = (run: Run) =>
      run.status === 'claimed' || run.status === 'starting' || run.status === 'running';
    const queued = runs.filter((run) => run.status === 'queued' && !this.#taken.has(run.id));
    const decisions = schedule(queued, runs.filter(isBusy), runner, clock.now());
    await this.#claim(decisions.filter(({ start }) => start).map(({ run }) => run));
    return decisions.filter((decision): decision is Waiting => !decision.start);
  }

  async #claim(ids: readonly RunId[]): Promise<void> {
    const { ledger } = this.#services;
    const runs = ids.flatMap((id) => ledger.entry(id)?.run ?? []);
    const claimed = await claim(runs, this.#services);
    for (const run of runs) if (!claimed.includes(run.id)) this.#taken.add(run.id);
    for (const id of claimed) this.#begin(ledger.entry(id)?.run as Run, undefined);
  }

  #begin(run: Run, job: JobHandle | undefined): void {
    const ended = execute(run, job, this.#services, this.#stop.signal)
      .then(() => this.#publish())
      .catch((cause) => this.#fail(cause))
      .finally(() => {
        this.#active.delete(run.id);
        this.#wake();
      });
    this.#active.set(run.id, ended);
    this.#services.notify({ type: 'started', run });
  }

  #publish(): void {
    const runs = this.#services.ledger.runs().filter((run) => run.status === 'collecting');
    for (const run of runs) this.#reportable.set(run.trial.experiment, run.origin.commit);
    this.#publisher.publish().catch((cause) => this.#fail(cause));
  }

  /** A daemon that cannot keep its journal or its store stops at once; the jobs go on, and the next one takes them up. */
  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#failure ??=
      cause instanceof LightexError ? cause : new LightexError('LTX_INTERNAL', message, { cause });
    this.stop('detach');
  }

  #isIdle(): boolean {
    const { ledger } = this.#services;
    return this.#active.size === 0 && !ledger.runs().some((run) => run.status !== 'queued');
  }

  async #showLive(): Promise<void> {
    const { clock, store, ledger } = this.#services;
    const isDue = clock.now() - this.#liveAt >= (this.#isStale ? LIVE_MS : 10 * LIVE_MS);
    if (!isDue) return;
    this.#isStale = false;
    this.#liveAt = clock.now();
    await store.showLive(ledger.runs());
  }

  /** Reports of experiments that have nothing left to run, beside the work. */
  #buildReports(): void {
    const unfinished = new Set(this.#services.ledger.runs().map((run) => run.trial.experiment));
    for (const [experiment, commit] of this.#reportable) {
      if (unfinished.has(experiment)) continue;
      this.#reportable.delete(experiment);
      this.#reports.push(this.#report(experiment, commit));
    }
  }

  async #report(experiment: string, commit: CommitSha): Promise<void> {
    const { buildReport, notify } = this.#services;
    try {
      notify({ type: 'report', experiment, path: await buildReport(experiment, commit) });
    } catch (cause) {
      if (!(cause instanceof LightexError)) throw cause;
      notify({ type: 'trouble', error: cause }); // the history is safe: `lightex report` builds it later
    }
  }

  async #finish(): Promise<void> {
    await this.#publisher.publish();
    this.#buildReports();
    await Promise.all(this.#reports);
    await this.#services.store.showLive(this.unfinished());
    if (this.#failure !== undefined) throw this.#failure;
  }

  #wake(): void {
    this.#isWoken = true;
    this.#wakeUp();
  }

  /** Until something changed, or `ms` passed. A change since the last pause counts. */
  async #pause(ms: number): Promise<void> {
    const woken = new AbortController();
    this.#wakeUp = () => woken.abort();
    if (!this.#isWoken) await this.#services.clock.sleep(ms, woken.signal);
    this.#isWoken = false;
  }
}
