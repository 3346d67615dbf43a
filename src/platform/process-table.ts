import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { isErrno } from './files.ts';
import { linuxStat } from './process-identity.ts';

export interface MarkedProcess {
  readonly pid: number;
  /** Its process group. */
  readonly group: number;
}

/** A killed process is gone within this, or it hangs in the kernel. */
const KILL_MS = 5_000;

/** Kills what an earlier process of ours left with this mark in its environment, and waits until it is gone. */
export async function endMarked(variable: string, value: string): Promise<void> {
  const table = new ProcessTable(variable);
  for (const deadline = Date.now() + KILL_MS; Date.now() < deadline; await wait(20)) {
    const left = await table.with(value);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid, 'SIGKILL');
  }
}

/** Signals a process (or, by a negative number, a group) that may have ended by itself. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    // Gone, or another user's: whoever waits for its end sees which.
    if (!isErrno(cause, 'ESRCH') && !isErrno(cause, 'EPERM')) throw cause;
  }
}

type Marks = ReadonlyMap<string, readonly MarkedProcess[]>;

/**
 * Finds living processes by a variable of their environment, wherever they fled to (Linux; elsewhere none can be told).
 * A look at all processes costs milliseconds: calls that come while one is under way share the next.
 */
export class ProcessTable {
  readonly #variable: string;
  #looking: Promise<Marks> | undefined;
  #next: Promise<Marks> | undefined;

  constructor(variable: string) {
    this.#variable = variable;
  }

  /** Processes whose variable has this value, as of a look that began after the call. */
  async with(value: string): Promise<readonly MarkedProcess[]> {
    return (await this.#look()).get(value) ?? [];
  }

  #look(): Promise<Marks> {
    if (this.#next !== undefined) return this.#next;
    const before = this.#looking;
    const next = (before ?? Promise.resolve()).then(() => {
      this.#looking = next;
      this.#next = undefined;
      return marksOf(this.#variable);
    });
    this.#next = next;
    return next;
  }
}

async function marksOf(variable: string): Promise<Marks> {
  if (process.platform !== 'linux') return new Map();
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const marks = new Map<string, MarkedProcess[]>();
  await Promise.all(
    pids.map(async (pid) => {
      const mark = await markOf(pid, variable);
      if (mark !== undefined)
        marks.set(mark.value, [...(marks.get(mark.value) ?? []), mark.process]);
    }),
  );
  return marks;
}

async function markOf(
  pid: number,
  variable: string,
): Promise<{ value: string; process: MarkedProcess } | undefined> {
  if (pid === process.pid) return undefined;
  try {
    const environment = `\0${await readFile(`/proc/${pid}/environ`, 'latin1')}`;
    const start = environment.indexOf(`\0${variable}=`);
    if (start < 0) return undefined;
    const from = start + variable.length + 2;
    const stat = await linuxStat(pid);
    return stat === undefined
      ? undefined
      : {
          value: environment.slice(from, environment.indexOf('\0', from)),
          process: { pid, group: stat.group },
        };
  } catch {
    return undefined; // it ended, or it is another user's: not ours in both cases
  }
}
