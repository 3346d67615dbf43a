import { type ChildProcess, fork } from 'node:child_process';
import { LightexError } from '../../model/errors.ts';
import { childModule } from '../../platform/package-files.ts';

/** In the environment of a spawner: who started it. */
export const SPAWNER_MARK = 'LIGHTEX_SPAWNER_OF';

export interface SpawnRequest {
  readonly id: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Standard output and standard error are appended to it. */
  readonly outputFile: string;
}

export type SpawnAnswer =
  | { readonly id: number; readonly pid: number }
  | { readonly id: number; readonly error: string }
  | { readonly id: number; readonly ended: true };

export interface Spawned {
  readonly pid: number;
  /** Resolves when the process ended, or when the spawner did and nobody can tell. */
  readonly ended: Promise<void>;
}

interface Waiting {
  readonly started: PromiseWithResolvers<number>;
  readonly ended: PromiseWithResolvers<void>;
}

/** Starts processes through the spawner child, which is started when it is first needed, and again when it died. */
export class SpawnerClient {
  readonly #owner: string;
  #child: ChildProcess | undefined;
  #nextId = 0;
  readonly #waiting = new Map<number, Waiting>();

  constructor(owner: string) {
    this.#owner = owner;
  }

  async spawn(request: Omit<SpawnRequest, 'id'>): Promise<Spawned> {
    const id = this.#nextId++;
    const waiting: Waiting = { started: withResolvers(), ended: withResolvers() };
    this.#waiting.set(id, waiting);
    this.#channel().send({ ...request, id } satisfies SpawnRequest, (error) => {
      if (error !== null) this.#fail(id, error.message);
    });
    return { pid: await waiting.started.promise, ended: waiting.ended.promise };
  }

  close(): void {
    this.#child?.disconnect();
    this.#child = undefined;
  }

  #channel(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const { PATH = '' } = process.env;
    const child = fork(childModule('dispatcher/executors/spawner'), {
      env: { PATH, [SPAWNER_MARK]: this.#owner },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (answer: SpawnAnswer) => this.#take(answer));
    child.once('exit', () => this.#lost(child));
    // Jobs outlive it; waiting for one is the business of who supervises it.
    child.unref();
    child.channel?.unref();
    this.#child = child;
    return child;
  }

  #take(answer: SpawnAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if ('pid' in answer) waiting?.started.resolve(answer.pid);
    else if ('error' in answer) this.#fail(answer.id, answer.error);
    else this.#forget(answer.id);
  }

  #fail(id: number, message: string): void {
    const error = new LightexError(
      'LTX_EXECUTOR_UNAVAILABLE',
      `the process could not be started: ${message}`,
    );
    this.#waiting.get(id)?.started.reject(error);
    this.#forget(id);
  }

  #forget(id: number): void {
    this.#waiting.get(id)?.ended.resolve();
    this.#waiting.delete(id);
  }

  #lost(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    for (const id of [...this.#waiting.keys()]) this.#fail(id, 'the spawner ended');
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (cause: Error) => void;
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (cause: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
