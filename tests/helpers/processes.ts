import { readdirSync, readFileSync } from 'node:fs';

/** Numbers of living processes whose environment holds this text: what a test's own folder marks. */
export function processesWith(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && environmentOf(pid).includes(text));
}

/** Numbers of living processes of jobs of the workspace. */
export function jobsOf(workspace: string): readonly number[] {
  return processesWith(`LIGHTEX_LOG=${workspace}/`).filter((pid) =>
    environmentOf(pid).includes('LIGHTEX_ATTEMPT_ID='),
  );
}

function environmentOf(pid: number): string {
  try {
    const isZombie = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return isZombie ? '' : readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return ''; // it ended between the two looks
  }
}

/** The most memory that a living process ever had, in bytes; 0 of one that is just ending. */
export function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
