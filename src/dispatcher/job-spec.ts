import { LightexError } from '../model/errors.ts';
import type { JobSpec, Runner } from '../model/job.ts';
import type { Run } from '../model/run.ts';

/** Names of the runner's environment that always pass to runs. */
const ALWAYS_PASSED = ['PATH', 'HOME', 'LANG', 'TMPDIR', 'TZ'];

/** Where a job finds its files, as the job sees them. */
export interface JobPlaces {
  readonly params: string;
  readonly log: string;
  readonly artifacts: string;
  readonly checkpoints: string;
}

export interface JobSurroundings {
  readonly runner: Runner;
  readonly places: JobPlaces;
  readonly codeFolder: string;
  /** Absolute folder of the workspace, where `link` finds git-ignored files. */
  readonly workspace: string;
  /** The runner's own environment, of which only named variables pass. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Everything that an executor needs to run the attempt. @throws LTX_NOT_FOUND for a volume that the runner lacks. */
export function jobSpecOf(run: Run, around: JobSurroundings): JobSpec {
  const { spec } = run.trial;
  return {
    runId: run.id,
    attempt: run.attempt,
    argv: spec.command,
    env: { ...passed(around), ...spec.env, ...identity(run), ...placesEnv(around.places) },
    params: spec.params,
    codeFolder: around.codeFolder,
    links: linksOf(run, around),
    resources: spec.resources,
    ...(spec.image === undefined ? {} : { image: spec.image }),
  };
}

/** The mark by which a job's processes are found, wherever they fled to. */
export function attemptId(runId: string, attempt: number): string {
  return `${runId}.${attempt}`;
}

function passed({ environment, runner }: JobSurroundings): Record<string, string> {
  const names = [...ALWAYS_PASSED, ...runner.env];
  return Object.fromEntries(
    names.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}

function identity(run: Run): Record<string, string> {
  return {
    LIGHTEX_RUN_ID: run.id,
    LIGHTEX_ATTEMPT: String(run.attempt),
    LIGHTEX_ATTEMPT_ID: attemptId(run.id, run.attempt),
    LIGHTEX_EXPERIMENT: run.trial.experiment,
    LIGHTEX_COMMIT: run.origin.commit,
  };
}

function placesEnv(places: JobPlaces): Record<string, string> {
  return {
    LIGHTEX_PARAMS: places.params,
    LIGHTEX_LOG: places.log,
    LIGHTEX_ARTIFACTS: places.artifacts,
    LIGHTEX_CHECKPOINTS: places.checkpoints,
  };
}

function linksOf(run: Run, { workspace, runner }: JobSurroundings): Record<string, string> {
  const links: Record<string, string> = {};
  for (const path of run.trial.spec.link) links[path] = `${workspace}/${path}`;
  for (const [path, volume] of Object.entries(run.trial.spec.data)) {
    const place = runner.volumes[volume];
    if (place === undefined) {
      throw new LightexError('LTX_NOT_FOUND', `runner ${runner.name} has no volume "${volume}"`, {
        hint: `Name its folder under volumes in the file of the runner`,
      });
    }
    links[path] = place;
  }
  return links;
}
