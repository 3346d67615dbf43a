import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Tells a process from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot (Linux), or what `ps` says (elsewhere). */
  readonly startTime: string;
  /** Changes with each boot; empty where the system has none. */
  readonly bootId: string;
}

const LINUX = process.platform === 'linux';
const run = promisify(execFile);

/** The identity of a living process, undefined when there is none of that number. A zombie is not alive. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = LINUX ? (await linuxStat(pid))?.startTime : await psStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime, bootId: await bootId() };
}

/** True while exactly this process lives. */
export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now !== undefined && now.startTime === process.startTime && now.bootId === process.bootId;
}

/** Group and start time of a process (Linux), undefined when it does not live. */
export async function linuxStat(
  pid: number,
): Promise<{ group: number; startTime: string } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name in field 2 may hold spaces and brackets: count from its end. State is field 3, group 5, start time 22.
    const [state, , group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return { group: Number(group), startTime: rest[16] ?? '' };
  } catch {
    return undefined;
  }
}

async function psStartTime(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

async function bootId(): Promise<string> {
  if (!LINUX) return '';
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
