import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { LightexError } from '../../model/errors.ts';
import { childModule } from '../../platform/package-files.ts';
import type { FinishAnswer, FinishRequest, FinishWork } from './finish-work.ts';

const IDLE_MS = 10_000;
const STDERR_CHARACTERS = 4_000;

interface Call {
  readonly resolve: (files: readonly string[]) => void;
  readonly reject: (cause: LightexError) => void;
}

/**
 * The finisher process, as seen from here: started by the first batch, ended when it was idle for 10 s.
 * This side alone decides when it ends, so no batch can be sent to a process that is about to leave.
 */
export class Finisher {
  #child: ChildProcess | undefined;
  #stderr = '';
  #calls = new Map<number, Call>();
  #lastCall = 0;
  #idle: NodeJS.Timeout | undefined;

  /** Files written, relative to the store. @throws LTX_STORE_UNAVAILABLE with what the finisher said. */
  finish(work: FinishWork): Promise<readonly string[]> {
    clearTimeout(this.#idle);
    const child = this.#started();
    this.#lastCall += 1;
    const request: FinishRequest = { call: this.#lastCall, work };
    return new Promise((resolve, reject) => {
      this.#calls.set(request.call, { resolve, reject });
      // A child that is gone is told by its exit, which ends all calls.
      child.send(request, () => {});
    });
  }

  /** The process that works, for tests that kill it. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the process; batches that are still under way are rejected. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const child = this.#child;
    if (child === undefined || !child.connected || child.signalCode !== null) return;
    keepAlive(child, true);
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  }

  #started(): ChildProcess {
    if (this.#child !== undefined) {
      keepAlive(this.#child, true);
      return this.#child;
    }
    const { PATH = '', LANG = 'C.UTF-8', TMPDIR = '/tmp' } = process.env;
    const child = fork(childModule('store/disk/finisher'), [], {
      execArgv: [],
      env: { PATH, LANG, TMPDIR },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.#child = child;
    this.#stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_CHARACTERS);
    });
    child.on('message', (answer: FinishAnswer) => this.#answered(answer));
    child.once('error', (cause) => this.#gone(child, `could not be started: ${cause.message}`));
    child.once('close', (code, signal) =>
      this.#gone(child, `ended by ${signal ?? `exit ${code}`}`),
    );
    return child;
  }

  #answered(answer: FinishAnswer): void {
    const call = this.#calls.get(answer.call);
    this.#calls.delete(answer.call);
    if ('files' in answer) call?.resolve(answer.files);
    else call?.reject(failed(answer.error));
    if (this.#calls.size > 0 || this.#child === undefined) return;
    const child = this.#child;
    keepAlive(child, false);
    this.#idle = setTimeout(() => {
      this.#child = undefined;
      child.disconnect();
    }, IDLE_MS).unref();
  }

  #gone(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject } of calls)
      reject(failed(`the finisher ${how}. ${this.#stderr.trim()}`.trim()));
  }
}

/** An idle finisher must not keep the process alive that started it. */
function keepAlive(child: ChildProcess, alive: boolean): void {
  const stderr = child.stderr as (ChildProcess['stderr'] & { ref(): void; unref(): void }) | null;
  for (const one of [child, child.channel, stderr]) {
    if (alive) one?.ref();
    else one?.unref();
  }
}

function failed(why: string): LightexError {
  return new LightexError('LTX_STORE_UNAVAILABLE', `finished runs could not be written: ${why}`, {
    hint: 'Nothing is lost: it is tried again. Look at the free space of the disk and its memory',
  });
}
