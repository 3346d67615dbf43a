import type {
  CommitSha,
  RunId,
  Trial,
  TrialKey,
  TrialSpec,
  UnixMs,
} from '../../src/model/experiment.ts';
import type { Run } from '../../src/model/run.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);

const SPEC: TrialSpec = {
  params: { lr: 0.1, seed: 0, model: { hidden: 4 } },
  command: ['node', 'train.mjs'],
  resources: { cpus: 1, gpus: 0 },
  runsOn: [],
  retry: { attempts: 1, on: [] },
  env: {},
  link: [],
  artifacts: [],
  data: {},
  objective: { metric: 'loss', goal: 'minimize', of: 'last' },
};

export interface TrialOverrides extends Partial<Omit<Trial, 'key' | 'runId' | 'spec'>> {
  readonly key?: string;
  readonly runId?: string;
  readonly spec?: Partial<TrialSpec>;
}

/** A trial of the experiment `penguins`, minimising `loss`. */
export function aTrial({ key, runId, spec, ...rest }: TrialOverrides = {}): Trial {
  return {
    key: (key ?? 'a'.repeat(64)) as TrialKey,
    runId: (runId ?? 'aaaaaaaaaaaaaaaa') as RunId,
    experiment: 'penguins',
    label: 'lr=0.1 seed=0',
    cell: { lr: 0.1, seed: 0 },
    seed: 0,
    code: 'e'.repeat(64),
    spec: { ...SPEC, ...spec },
    ...rest,
  };
}

export interface RunOverrides extends Partial<Omit<Run, 'id' | 'trial' | 'origin'>> {
  readonly id?: string;
  readonly trial?: TrialOverrides;
  readonly origin?: Partial<Run['origin']>;
}

/** A run that waits in the queue of `lab1`'s commit, since 2026-01-02T03:04:05Z. */
export function aRun({ id, trial, origin, ...rest }: RunOverrides = {}): Run {
  const made = aTrial(id === undefined ? trial : { runId: id, ...trial });
  return {
    id: made.runId,
    trial: made,
    rerun: 0,
    origin: {
      commit: 'c'.repeat(40) as CommitSha,
      branch: 'main',
      author: 'Ada <ada@example.org>',
      message: 'try a smaller model',
      tree: 'd'.repeat(40),
      user: 'Carl <carl@example.org>',
      ...origin,
    },
    priority: 0,
    order: 0,
    status: 'queued',
    attempt: 0,
    cancelRequested: false,
    queuedAt: START as UnixMs,
    ...rest,
  };
}

/** The run while its job runs: claimed by `lab1` as attempt 1, started two seconds after it was queued. */
export function aRunningRun(overrides: RunOverrides = {}): Run {
  const run = aRun({
    status: 'running',
    attempt: 1,
    runner: 'lab1',
    startedAt: (START + 2_000) as UnixMs,
    ...overrides,
  });
  const job = { executor: 'process', runId: run.id, attempt: run.attempt, ref: 'x' } as const;
  return { ...run, job: overrides.job ?? job };
}

/** The run after its job ended with 0, ten seconds after it was started. */
export function aSucceededRun(overrides: RunOverrides = {}): Run {
  return aRunningRun({
    status: 'succeeded',
    exit: { kind: 'exited', code: 0 },
    exitedAt: (START + 12_000) as UnixMs,
    endedAt: (START + 12_500) as UnixMs,
    ...overrides,
  });
}
