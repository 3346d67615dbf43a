import { accessSync, constants } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../model/machine.ts';

/** This machine, within the limits of the container that it may be. */
export function thisMachine(): Machine {
  const limit = process.constrainedMemory();
  return {
    cpus: availableParallelism(),
    memoryBytes: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
    os: process.platform === 'darwin' ? 'macos' : process.platform,
    arch: process.arch,
    hasPython: isOnPath('python3'),
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
