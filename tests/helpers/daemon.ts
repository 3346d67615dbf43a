import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TriedRun } from '../../src/ports/store.ts';
import { type CliEnd, startCli } from './cli.ts';

const LOOK_MS = 3;
const GIVE_UP_MS = 60_000;

/**
 * Starts the daemon until nothing is left and kills it, itself alone, as soon as the condition holds.
 * True when it was killed; false when it ended first.
 */
export async function killedWhen(folder: string, holds: () => boolean): Promise<boolean> {
  const daemon = startCli(folder, ['runner', 'start', '--once']);
  const deadline = Date.now() + GIVE_UP_MS;
  while (daemon.child.exitCode === null && !holds()) {
    if (Date.now() > deadline) throw new Error(`nothing to kill it at: ${daemon.stderr()}`);
    await wait(LOOK_MS);
  }
  const isAlive = daemon.child.kill('SIGKILL');
  await daemon.ended;
  return isAlive && daemon.child.signalCode === 'SIGKILL';
}

/** Works until nothing is left. @throws with what it said when it did not end well */
export async function onceToEnd(folder: string): Promise<CliEnd> {
  const end = await startCli(folder, ['runner', 'start', '--once']).ended;
  if (end.code !== 0) throw new Error(`it ended with ${end.code}: ${end.stderr}`);
  return end;
}

/** Every attempt that the manifests of the store name, once for each time that one names it. */
export function publishedAttempts(folder: string): readonly TriedRun[] {
  const manifests = join(folder, '.lightex/store/manifest');
  return namesIn(manifests).flatMap((writer) =>
    namesIn(join(manifests, writer)).flatMap((name) => {
      const entry = JSON.parse(readFileSync(join(manifests, writer, name), 'utf8'));
      return entry.full ? [] : entry.runs;
    }),
  );
}

/** Names in a folder without temporary files; none when it is not there. */
export function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
}

export function linesIn(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
