import { setTimeout as wait } from 'node:timers/promises';
import { LightexError } from '../../model/errors.ts';
import type { JobHandle, JobSpec, Observed, Offsets, OutputLine } from '../../model/job.ts';
import { offsetOf } from '../../model/offsets.ts';
import type { JobExit } from '../../model/run.ts';
import { readIfThere, readJsonIfThere, removeTree, writeFileWhole } from '../../platform/files.ts';
import { identify, isAlive, type ProcessIdentity } from '../../platform/process-identity.ts';
import { kill, ProcessTable } from '../../platform/process-table.ts';
import type { Executor } from '../../ports/executor.ts';
import { attemptId } from '../job-spec.ts';
import { type AttemptPlaces, attemptPlaces, attemptsIn, prepareAttempt } from './attempt-folder.ts';
import { exitOf, shimmed } from './shim.ts';
import { SpawnerClient } from './spawner-client.ts';
import { Tail } from './tail.ts';

const POLL_MS = 150;
/** A process that KILL does not end in this time hangs in the kernel. */
const UNKILLABLE_MS = 10_000;

/** Jobs as processes of this machine, each in a session of its own, everything about it in its attempt folder. */
export class ProcessExecutor implements Executor {
  readonly kind = 'process';
  readonly #attemptsFolder: string;
  readonly #spawner: SpawnerClient;
  readonly #table = new ProcessTable('LIGHTEX_ATTEMPT_ID');
  /** Jobs that this process started: told at once when they end, instead of by looking. */
  readonly #ended = new Map<string, Promise<void>>();

  /** `owner` marks the spawner: whoever takes over from a dead owner ends its spawner first. */
  constructor(attemptsFolder: string, owner: string) {
    this.#attemptsFolder = attemptsFolder;
    this.#spawner = new SpawnerClient(owner);
  }

  async probe() {
    return {
      version: `${process.platform} ${process.arch}`,
      problems: ['memory of processes is accounted for, not enforced'],
    };
  }

  async start(job: JobSpec): Promise<JobHandle> {
    const places = this.#places(job);
    const handle: JobHandle = {
      executor: 'process',
      runId: job.runId,
      attempt: job.attempt,
      ref: places.folder,
    };
    if (!(await prepareAttempt(places, job))) return this.#adopted(handle);
    const { pid, ended } = await this.#spawner.spawn({
      argv: shimmed(places.exit, job.argv),
      cwd: places.work,
      env: job.env,
      outputFile: places.output,
    });
    this.#ended.set(handle.ref, ended);
    const identity = await identify(pid);
    // Already gone: its exit file says how, and nobody needs to find the process again.
    if (identity !== undefined) await writeFileWhole(places.process, JSON.stringify(identity));
    return handle;
  }

  async inspect(job: JobHandle): Promise<Observed> {
    const places = this.#places(job);
    const exit = await exitIn(places);
    if (exit !== undefined) return { state: 'exited', exit };
    if (await this.#isShimAlive(job, places)) return { state: 'running' };
    // It may have ended between the two looks.
    const late = await exitIn(places);
    return late === undefined ? { state: 'gone' } : { state: 'exited', exit: late };
  }

  async *output(
    job: JobHandle,
    from: Offsets,
    signal: AbortSignal,
  ): AsyncIterable<readonly OutputLine[]> {
    const places = this.#places(job);
    const tails = [
      new Tail(places.log, 'log', offsetOf(from, 0, 'log')),
      new Tail(places.output, 'output', offsetOf(from, 0, 'output')),
    ];
    try {
      for (let isOver = false; !signal.aborted; ) {
        const lines = (await Promise.all(tails.map((tail) => tail.next(isOver)))).flat();
        if (lines.length > 0) yield lines;
        else if (isOver) return;
        else isOver = await this.#isOverSoon(job, signal);
      }
    } finally {
      await Promise.all(tails.map((tail) => tail.close()));
    }
  }

  async stop(job: JobHandle, graceMs: number): Promise<void> {
    const started = await this.#processesOf(job);
    if (started.length === 0) return;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      for (const pid of await this.#processesOf(job)) kill(pid, signal);
      if (await this.#isGoneWithin(job, graceMs)) return;
    }
    // A process may fork while we look: again until a look finds nobody.
    for (const deadline = Date.now() + UNKILLABLE_MS; Date.now() < deadline; ) {
      for (const pid of await this.#processesOf(job)) kill(pid, 'SIGKILL');
      if (await this.#isGoneWithin(job, POLL_MS)) return;
    }
    throw new LightexError(
      'LTX_EXECUTOR_UNAVAILABLE',
      `run ${job.runId} has processes that cannot be killed`,
    );
  }

  async remove(job: JobHandle): Promise<void> {
    await removeTree(this.#places(job).folder);
    this.#ended.delete(job.ref);
  }

  /** Ends the spawner; the jobs go on. */
  close(): void {
    this.#spawner.close();
  }

  async list(): Promise<readonly JobHandle[]> {
    const attempts = await attemptsIn(this.#attemptsFolder);
    return attempts.map(([runId, attempt]) => ({
      executor: 'process',
      runId: runId as JobHandle['runId'],
      attempt,
      ref: attemptPlaces(this.#attemptsFolder, runId, attempt).folder,
    }));
  }

  #places({ runId, attempt }: Pick<JobHandle, 'runId' | 'attempt'>): AttemptPlaces {
    return attemptPlaces(this.#attemptsFolder, runId, attempt);
  }

  async #adopted(handle: JobHandle): Promise<JobHandle> {
    if ((await this.inspect(handle)).state !== 'gone') return handle;
    throw new LightexError(
      'LTX_EXECUTOR_UNAVAILABLE',
      `attempt ${handle.attempt} of run ${handle.runId} was begun before and left neither a process nor an exit code`,
    );
  }

  async #isShimAlive(job: JobHandle, places: AttemptPlaces): Promise<boolean> {
    const shim = await readJsonIfThere<ProcessIdentity>(places.process);
    if (shim !== undefined) return isAlive(shim);
    // Died between starting the process and noting it: the mark in its environment finds it.
    return (await this.#processesOf(job)).length > 0;
  }

  /** True when the job has ended; else after a moment, so that the caller looks at its files again. */
  async #isOverSoon(job: JobHandle, signal: AbortSignal): Promise<boolean> {
    const told = this.#ended.get(job.ref);
    const moment = wait(POLL_MS, false, { signal }).catch(() => false); // aborted: the caller sees it
    if (told !== undefined) {
      const isTold = await Promise.race([told.then(() => true), moment]);
      if (!isTold) return false;
      this.#ended.delete(job.ref);
    } else {
      await moment;
    }
    return (await this.inspect(job)).state !== 'running';
  }

  async #isGoneWithin(job: JobHandle, ms: number): Promise<boolean> {
    const deadline = Date.now() + ms;
    for (;;) {
      await wait(Math.min(POLL_MS, ms));
      if ((await this.#processesOf(job)).length === 0) return true;
      if (Date.now() >= deadline) return false;
    }
  }

  /** Numbers to signal: the group (negative) of the shim, and whoever has the attempt's mark outside of it. */
  async #processesOf({ runId, attempt }: JobHandle): Promise<readonly number[]> {
    const marked = await this.#table.with(attemptId(runId, attempt));
    const shim = await readJsonIfThere<ProcessIdentity>(this.#places({ runId, attempt }).process);
    if (shim === undefined || !(await isAlive(shim))) return marked.map(({ pid }) => pid);
    return [-shim.pid, ...marked.filter(({ group }) => group !== shim.pid).map(({ pid }) => pid)];
  }
}

async function exitIn(places: AttemptPlaces): Promise<JobExit | undefined> {
  return exitOf(await readIfThere(places.exit));
}
