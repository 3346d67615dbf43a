import { LightexError } from '../model/errors.ts';
import type { Run } from '../model/run.ts';
import { Engine, type Waiting } from './engine.ts';
import type { DaemonServices } from './services.ts';
import { takeOverDead } from './take-over.ts';
import { Watch } from './watch.ts';

/** Polls are spread by so much in both directions, so that many runners do not ask at the same moment. */
const JITTER = 0.2;
/** A remote that cannot be reached is asked ever less often, up to this. */
const MAX_BACKOFF_MS = 5 * 60_000;
/** A decision that waits for this never changes on this runner. */
const NEVER: readonly string[] = ['label', 'too-large'];

/** An engine that watches a remote: one runner, until it is told to stop. */
export class Daemon {
  readonly engine: Engine;
  readonly #services: DaemonServices;
  readonly #watch: Watch;
  #isStopping = false;
  #isLookWanted = false;

  constructor(services: DaemonServices) {
    this.engine = new Engine(services);
    this.#services = services;
    this.#watch = new Watch(services, (experiment, commit) =>
      this.engine.wantReport(experiment, commit),
    );
  }

  /** Looks once, works until nothing is left that can run here, builds the reports. What is left, and why it waits. */
  async once(): Promise<readonly Waiting[]> {
    await this.#takeUp();
    const unreachable = await this.#look();
    let waiting = await this.engine.step();
    while (
      !this.#isStopping &&
      (this.engine.isBusy || waiting.some(({ waitsFor }) => !NEVER.includes(waitsFor)))
    ) {
      await this.engine.pause();
      waiting = await this.engine.step();
    }
    await this.engine.finish();
    if (unreachable !== undefined) throw unreachable;
    return waiting;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    await this.#takeUp();
    const { runner, clock } = this.#services;
    let pollMs = runner.watch.pollMs;
    let nextLook = 0;
    while (!this.#isStopping) {
      if (clock.now() >= nextLook || this.#isLookWanted) {
        this.#isLookWanted = false;
        const failed = await this.#look();
        if (failed !== undefined) this.#services.notify({ type: 'trouble', error: failed });
        pollMs = failed === undefined ? runner.watch.pollMs : Math.min(pollMs * 2, MAX_BACKOFF_MS);
        nextLook = clock.now() + pollMs * (1 + JITTER * (2 * Math.random() - 1));
      }
      await this.engine.step();
      await this.engine.pause();
    }
    await this.engine.finish();
  }

  /** The remote may have something new: looks at once. */
  lookNow(): void {
    this.#isLookWanted = true;
    this.engine.wake();
  }

  /** Ends without waiting for the runs: they go on, and the next start takes them up. */
  stop(): void {
    this.#isStopping = true;
    this.engine.detach();
  }

  /** Cancels what runs here, waits for it, and ends. */
  async cancelAll(by: string): Promise<void> {
    this.engine.drain();
    await this.engine.cancel(
      this.unfinished()
        .filter(({ status }) => status !== 'queued')
        .map(({ id }) => id),
      by,
    );
    this.#isStopping = true;
    this.engine.wake();
  }

  /** Unfinished runs, for progress. */
  unfinished(): readonly Run[] {
    return this.#services.ledger.runs();
  }

  async #takeUp(): Promise<void> {
    await takeOverDead(this.#services);
    await this.engine.recover();
  }

  async #look(): Promise<LightexError | undefined> {
    try {
      await this.#watch.look();
      return undefined;
    } catch (cause) {
      if (!(cause instanceof LightexError) || cause.fault === 'bug') throw cause;
      return cause;
    }
  }
}
