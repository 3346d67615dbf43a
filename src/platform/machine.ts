import { accessSync, constants } from 'node:fs';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { join } from 'node:path';

/** What this machine has, for a runner's implied labels and capacity. */
export interface Machine {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `linux`, `macos`, … */
  readonly os: string;
  /** `x64`, `arm64`, … */
  readonly arch: string;
  readonly hasPython: boolean;
  readonly hostname: string;
}

/** This machine, within the limits of the container that it may be. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  return {
    cpus: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    os: process.platform === 'darwin' ? 'macos' : process.platform,
    arch: process.arch,
    hasPython: isOnPath('python3'),
    hostname: hostname(),
  };
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
}
