import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { LightexError } from '../../model/errors.ts';
import type { JobSpec } from '../../model/job.ts';
import { isErrno, namesInFolder } from '../../platform/files.ts';
import { copyTree } from './copy-tree.ts';

/** Places of one attempt on this machine: `attempts/<run>/<attempt>/`. Checkpoints belong to the run, not to the attempt. */
export interface AttemptPlaces {
  readonly folder: string;
  readonly work: string;
  readonly output: string;
  readonly log: string;
  readonly exit: string;
  readonly artifacts: string;
  readonly checkpoints: string;
  readonly params: string;
  readonly spec: string;
  readonly process: string;
}

/** Where an attempt's files are. */
export function attemptPlaces(
  attemptsFolder: string,
  runId: string,
  attempt: number,
): AttemptPlaces {
  const run = join(attemptsFolder, runId);
  const folder = join(run, String(attempt));
  const inside = (name: string) => join(folder, name);
  return {
    folder,
    work: inside('work'),
    output: inside('out.log'),
    log: inside('log.jsonl'),
    exit: inside('exit'),
    artifacts: inside('artifacts'),
    checkpoints: join(run, 'checkpoints'),
    params: inside('params.json'),
    spec: inside('spec.json'),
    process: inside('process.json'),
  };
}

/**
 * Makes the folder of a new attempt: a private copy of the code, links, parameters.
 * False when it exists already: somebody was here before, and nothing was touched.
 */
export async function prepareAttempt(places: AttemptPlaces, job: JobSpec): Promise<boolean> {
  await mkdir(dirname(places.folder), { recursive: true });
  try {
    await mkdir(places.folder);
  } catch (cause) {
    if (isErrno(cause, 'EEXIST')) return false;
    throw cause;
  }
  await Promise.all(
    [places.artifacts, places.checkpoints].map((folder) => mkdir(folder, { recursive: true })),
  );
  await copyTree(job.codeFolder, places.work);
  for (const [path, target] of Object.entries(job.links)) await linkInto(places.work, path, target);
  await writeFile(places.params, JSON.stringify(job.params, null, 2));
  await writeFile(places.spec, JSON.stringify({ ...job, env: Object.keys(job.env) }, null, 2));
  return true;
}

/** Every attempt that has a folder, as [run, attempt]. */
export async function attemptsIn(
  attemptsFolder: string,
): Promise<readonly (readonly [runId: string, attempt: number])[]> {
  const runs = await namesInFolder(attemptsFolder);
  const all = await Promise.all(
    runs.map(async (run) => {
      const attempts = (await namesInFolder(join(attemptsFolder, run))).filter((name) =>
        /^\d+$/.test(name),
      );
      return attempts.map((attempt) => [run, Number(attempt)] as const);
    }),
  );
  return all.flat();
}

async function linkInto(work: string, path: string, target: string): Promise<void> {
  const place = resolve(work, path);
  if (!place.startsWith(work + sep))
    throw new LightexError('LTX_CONFIG_INVALID', `"${path}" leaves the working directory`);
  await mkdir(dirname(place), { recursive: true });
  try {
    await symlink(target, place);
  } catch (cause) {
    if (!isErrno(cause, 'EEXIST')) throw cause;
    throw new LightexError(
      'LTX_CONFIG_INVALID',
      `"${path}" is a file of the commit: it cannot be linked to ${target}`,
      { cause },
    );
  }
}
