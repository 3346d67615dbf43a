import type { JobHandle, JobSpec, Observed, Offsets, OutputLine } from '../../src/model/job.ts';
import { offsetOf } from '../../src/model/offsets.ts';
import type { Executor } from '../../src/ports/executor.ts';

/**
 * Jobs that succeed at once, each having logged the lines that it was given. They outlive whoever started them, as jobs of a real
 * executor do: give the same machine to the engine that comes after a crash.
 */
export class ScriptedMachine implements Executor {
  readonly kind = 'process';
  /** `run attempt` of every start, in order. */
  readonly starts: string[] = [];
  readonly #lines: readonly string[];
  readonly #jobs = new Map<string, JobHandle>();

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  async probe() {
    return { version: 'scripted', problems: [] };
  }

  async start({ runId, attempt }: JobSpec): Promise<JobHandle> {
    const ref = `${runId} ${attempt}`;
    const known = this.#jobs.get(ref);
    if (known !== undefined) return known;
    this.starts.push(ref);
    const job: JobHandle = { executor: 'process', runId, attempt, ref };
    this.#jobs.set(ref, job);
    return job;
  }

  async inspect({ ref }: JobHandle): Promise<Observed> {
    return this.#jobs.has(ref)
      ? { state: 'exited', exit: { kind: 'exited', code: 0 } }
      : { state: 'gone' };
  }

  async *output(job: JobHandle, from: Offsets): AsyncIterable<readonly OutputLine[]> {
    let offset = 0;
    for (const line of this.#lines) {
      offset += Buffer.byteLength(line) + 1;
      if (offset > offsetOf(from, 0, 'log')) yield [{ rank: 0, source: 'log', line, offset }];
    }
    void job;
  }

  async stop(): Promise<void> {}

  async remove({ ref }: JobHandle): Promise<void> {
    this.#jobs.delete(ref);
  }

  async list(): Promise<readonly JobHandle[]> {
    return [...this.#jobs.values()];
  }
}
