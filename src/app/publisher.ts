import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type AttemptPlaces, attemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import { describeExit, type Outcome, outcomeOf } from '../dispatcher/outcome.ts';
import type { RunEvent } from '../model/event.ts';
import type { RunId } from '../model/experiment.ts';
import type { JobHandle } from '../model/job.ts';
import type { JobExit, Run } from '../model/run.ts';
import { removeTree } from '../platform/files.ts';
import type { FinishedRun } from '../ports/store.ts';
import { artifactFiles } from './artifacts.ts';
import { recordName } from './attempt.ts';
import { clearCancel } from './control.ts';
import { lastWords } from './last-words.ts';
import type { Entry } from './ledger.ts';
import type { Services } from './services.ts';

/** Folders of runs that did not succeed, kept for a look; those of succeeded ones are not. */
const KEPT_FAILURES = 3;

/** Runs that end within this are published together. */
const TOGETHER_MS = 250;

/** What outlives its program has nothing to save. Between INT, TERM and KILL. */
const STRAY_GRACE_MS = 1_000;

/** A run that was published, and what its executor still keeps of it. */
export interface EndedRun {
  readonly id: RunId;
  readonly jobs: readonly JobHandle[];
}

interface Ending {
  readonly entry: Entry;
  readonly outcome: Outcome;
  /** The run as the history will show this attempt. */
  readonly run: Run;
  readonly last: RunEvent;
}

/**
 * Puts collected runs into the history, many at once, in the order that a crash cannot break:
 * files -> the run's record -> manifest -> journal. What is missing of it is repeated after a restart.
 */
export class Publisher {
  readonly #services: Services;
  #work: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #publishedAt = 0;
  readonly #kept: EndedRun[] = [];

  constructor(services: Services) {
    this.#services = services;
  }

  /** Publishes all runs that are `collecting`; resolves when those of now are done. Calls while one works share the next. */
  publish(): Promise<void> {
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#work = this.#work.then(() => this.#pace()).then(() => this.#publishAll());
    }
    return this.#work;
  }

  /** Each publication costs the same, however many runs it holds: those that end close together share one. */
  async #pace(): Promise<void> {
    const { clock } = this.#services;
    await clock.sleep(Math.max(0, this.#publishedAt + TOGETHER_MS - clock.now()));
    this.#publishedAt = clock.now();
  }

  async #publishAll(): Promise<void> {
    this.#isWaiting = false;
    const entries = this.#services.ledger
      .entries()
      .filter(({ run }) => run.status === 'collecting');
    if (entries.length === 0) return;
    // What they left running in the background must not outlive them, nor write into what is collected.
    await Promise.all(
      entries.map(({ run }) => run.job && this.#services.executor.stop(run.job, STRAY_GRACE_MS)),
    );
    const endings = await Promise.all(entries.map((entry) => this.#ending(entry)));
    const files = await this.#collect(endings);
    await this.#markDone(endings);
    await this.#services.store.publish(
      endings.map(({ run }) => run),
      files,
    );
    await this.#services.ledger.record(
      ...endings.flatMap(({ run, last }) => [
        { type: 'published', runId: run.id, at: last.at } as const,
        last,
      ]),
    );
    for (const ending of endings) this.#tell(ending);
    await Promise.all(endings.map((ending) => this.#clean(ending)));
  }

  async #ending(entry: Entry): Promise<Ending> {
    const { clock } = this.#services;
    const exit = entry.run.exit as JobExit;
    const outcome = outcomeOf(entry.run, exit, entry.failures, clock.now());
    const at = clock.now();
    const { status, reason } = outcome;
    const base = { runId: entry.run.id, at };
    const last: RunEvent =
      outcome.next === 'end'
        ? { ...base, type: 'ended', status, ...(reason === undefined ? {} : { reason }) }
        : { ...base, type: 'requeued', reason: outcome.reason, notBefore: outcome.notBefore };
    const run: Run = {
      ...entry.run,
      status,
      endedAt: entry.run.exitedAt ?? at,
      ...(reason === undefined
        ? {}
        : { reason, exitMessage: await this.#explain(entry.run, exit) }),
    };
    return { entry, outcome, run, last };
  }

  async #explain(run: Run, exit: JobExit): Promise<string> {
    const said = await lastWords(this.#places(run).output);
    return said === '' ? describeExit(exit) : `${describeExit(exit)}: ${said}`;
  }

  /** Files of all endings; those that an earlier process collected are taken as they are. */
  async #collect(endings: readonly Ending[]): Promise<readonly string[]> {
    const { store, ledger, clock } = this.#services;
    const fresh = endings.filter(({ entry }) => entry.collected === undefined);
    const files =
      fresh.length === 0
        ? []
        : await store.finish(await Promise.all(fresh.map((one) => this.#finished(one))));
    await ledger.record(
      ...fresh.map(
        ({ run }) => ({ type: 'collected', runId: run.id, at: clock.now(), files }) as const,
      ),
    );
    const earlier = endings.flatMap(({ entry }) => entry.collected ?? []);
    return [...new Set([...files, ...earlier])];
  }

  async #finished({ entry, run, last }: Ending): Promise<FinishedRun> {
    const places = this.#places(run);
    return {
      run,
      events: [...entry.events, last],
      outputs: [places.output],
      artifactFiles: await artifactFiles(places, run.trial.spec.artifacts),
    };
  }

  /** The run's record says done, so that no runner takes it again; a run that is tried once more stays claimed by us. */
  async #markDone(endings: readonly Ending[]): Promise<void> {
    const { coordination, runnerId } = this.#services;
    const done = endings.filter(({ outcome }) => outcome.next === 'end');
    const records = await coordination.read(done.map(({ run }) => recordName(run)));
    await coordination.swap(
      done.map(({ run }) => ({
        name: recordName(run),
        from: records.get(recordName(run))?.version ?? null,
        to: {
          state: 'done',
          runner: runnerId,
          attempt: run.attempt,
          status: run.status,
          nonce: randomUUID(),
        },
      })),
    );
  }

  #tell({ run, outcome }: Ending): void {
    const { notify } = this.#services;
    if (outcome.next === 'end') notify({ type: 'ended', run });
    else notify({ type: 'requeued', run, why: run.exitMessage ?? outcome.reason });
  }

  async #clean({ run, outcome }: Ending): Promise<void> {
    await clearCancel(this.#services.workspace, run.id);
    if (outcome.next === 'requeue') return;
    const ended = { id: run.id, jobs: run.job === undefined ? [] : [run.job] };
    if (run.status !== 'succeeded') await this.keepFailed(ended);
    else await this.forget(ended);
  }

  /** Keeps the folder of a run that did not succeed, and of all such ones only the newest few. */
  async keepFailed(run: EndedRun): Promise<void> {
    this.#kept.push(run);
    const [oldest] = this.#kept.length > KEPT_FAILURES ? this.#kept.splice(0, 1) : [];
    if (oldest !== undefined) await this.forget(oldest);
  }

  /** Removes everything on this machine of a run that ended, but for the history. */
  async forget({ id, jobs }: EndedRun): Promise<void> {
    const { executor, workspace } = this.#services;
    await Promise.all(jobs.map((job) => executor.remove(job)));
    await removeTree(join(workspace.attempts, id));
  }

  #places(run: Run): AttemptPlaces {
    return attemptPlaces(this.#services.workspace.attempts, run.id, run.attempt);
  }
}
