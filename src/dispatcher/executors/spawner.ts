// A process of its own that starts the jobs: starting one costs a fork of the parent's memory, and this one stays small.
// It ends with its channel; the jobs go on, each in a session of its own, their output in files.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { SpawnAnswer, SpawnRequest } from './spawner-client.ts';

process.on('message', (request: SpawnRequest) => start(request));
process.on('disconnect', () => process.exit(0));
// Signals of a terminal reach the whole group: the parent decides when we end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

function start({ id, argv, cwd, env, outputFile }: SpawnRequest): void {
  try {
    const output = openSync(outputFile, 'a');
    const [program = '', ...args] = argv;
    const child = spawn(program, args, {
      cwd,
      env: { ...env },
      detached: true,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.once('error', (error) => answer({ id, error: error.message }));
    if (child.pid !== undefined) answer({ id, pid: child.pid });
    child.once('exit', () => answer({ id, ended: true }));
  } catch (cause) {
    answer({ id, error: cause instanceof Error ? cause.message : String(cause) });
  }
}

function answer(message: SpawnAnswer): void {
  process.send?.(message);
}
