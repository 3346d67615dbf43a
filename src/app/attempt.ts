import { randomUUID } from 'node:crypto';
import { attemptPlaces } from '../dispatcher/executors/attempt-folder.ts';
import { jobSpecOf } from '../dispatcher/job-spec.ts';
import { type StopReason, supervise } from '../dispatcher/supervise.ts';
import { LightexError } from '../model/errors.ts';
import type { RunEvent } from '../model/event.ts';
import type { RunId } from '../model/experiment.ts';
import type { JobHandle, JobSpec, OutputLine } from '../model/job.ts';
import { advance } from '../model/offsets.ts';
import type { JobExit, Run } from '../model/run.ts';
import { readBatch } from '../mulogger/collect.ts';
import type { CoordinationRecord } from '../ports/coordination.ts';
import type { LogState } from '../ports/store.ts';
import type { Services } from './services.ts';

/** Between INT, TERM and KILL. */
const GRACE_MS = 10_000;

type Fact<T = RunEvent> = T extends RunEvent ? Omit<T, 'runId' | 'at'> : never;

/** Takes queued runs for this runner; those that it got. The others are another runner's, or were brought to an end by one. */
export async function claim(runs: readonly Run[], services: Services): Promise<readonly RunId[]> {
  if (runs.length === 0) return [];
  const { coordination, ledger, clock, runnerId } = services;
  const records = await coordination.read(runs.map(recordName));
  const open = runs
    .map((run) => ({ run, record: records.get(recordName(run)) }))
    .filter(({ run, record }) => isClaimable(run, record, runnerId));
  const answers = await coordination.swap(
    open.map(({ run, record }) => ({
      name: recordName(run),
      from: record?.version ?? null,
      to: { state: 'claimed', runner: runnerId, attempt: run.attempt + 1, nonce: randomUUID() },
    })),
  );
  const won = open.map(({ run }) => run).filter((_, index) => answers[index] === 'won');
  const at = clock.now();
  await ledger.record(
    ...won.flatMap(({ id, attempt }) => [
      { type: 'claimed', runId: id, at, runner: runnerId, attempt: attempt + 1 } as const,
      { type: 'starting', runId: id, at } as const,
    ]),
  );
  return won.map((run) => run.id);
}

/** Ours, nobody's, or ended with just the attempt that this one comes after. */
function isClaimable(run: Run, record: CoordinationRecord | undefined, runnerId: string): boolean {
  if (record === undefined) return true;
  const { runner, state, attempt } = record.value;
  return runner === runnerId || (state === 'done' && attempt === run.attempt);
}

/** The name of what the runners agree on about a run. */
export function recordName({ id }: Pick<Run, 'id'>): string {
  return `runs/${id}`;
}

/**
 * Brings a claimed run to the end of its attempt, from wherever the journal left it: its state is then `collecting`.
 * `begun` is the job of this attempt that an earlier process left, where there is one.
 * When the signal detaches, the job goes on and the run stays as it is.
 */
export async function execute(
  run: Run,
  begun: JobHandle | undefined,
  services: Services,
  signal: AbortSignal,
): Promise<void> {
  const record = (fact: Fact) =>
    services.ledger.record({ ...fact, runId: run.id, at: services.clock.now() } as RunEvent);
  if (run.status === 'claimed') await record({ type: 'starting' });
  const job =
    begun === undefined ? await newJob(run, services) : await adopt(run, begun, services, record);
  const exit = 'kind' in job ? job : await watched(job, run, services, signal, record);
  if (exit !== undefined) await record({ type: 'exited', exit });
}

type Recorder = (fact: Fact) => Promise<void>;

/** A job of ours whose process may be gone: without an exit code it counts as vanished. */
async function adopt(
  run: Run,
  begun: JobHandle,
  { executor }: Services,
  record: Recorder,
): Promise<JobHandle | JobExit> {
  if ((await executor.inspect(begun)).state === 'gone') return { kind: 'vanished' };
  if (run.status !== 'running') await record({ type: 'started', job: begun });
  return begun;
}

async function newJob(run: Run, { workspace, runner, code }: Services): Promise<JobSpec | JobExit> {
  try {
    return jobSpecOf(run, {
      runner,
      places: attemptPlaces(workspace.attempts, run.id, run.attempt),
      codeFolder: await code.materialise(run.origin.tree),
      workspace: workspace.root,
      environment: process.env,
    });
  } catch (cause) {
    if (!(cause instanceof LightexError) || cause.fault === 'bug') throw cause;
    return {
      kind: 'not-started',
      reason: cause.fault === 'user' ? 'config' : 'infra',
      message: cause.message,
    };
  }
}

async function watched(
  job: JobSpec | JobHandle,
  run: Run,
  services: Services,
  signal: AbortSignal,
  record: Recorder,
): Promise<JobExit | undefined> {
  const { store, executor, clock } = services;
  let state: LogState = await store.logState(run);
  const onLines = async (lines: readonly OutputLine[]) => {
    const batch = readBatch(lines, clock.now());
    state = {
      offsets: advance(state.offsets, lines),
      invalidLines: state.invalidLines + batch.invalidLines,
    };
    await store.log(run, batch.records, state);
    if (batch.records.length > 0) services.ledger.onChange('log');
  };
  return supervise(job, {
    executor,
    clock,
    graceMs: GRACE_MS,
    from: state.offsets,
    timeLeftMs: timeLeft(run, clock.now()),
    signal,
    onStarted: (handle) => record({ type: 'started', job: handle }),
    onLines,
  });
}

/** A run's timeout counts from running; an adopted one has used some of it. */
function timeLeft(run: Run, now: number): number | undefined {
  const { timeoutMs } = run.trial.spec;
  return timeoutMs === undefined
    ? undefined
    : Math.max(0, timeoutMs - (now - (run.startedAt ?? now)));
}

/** Reason to abort an attempt's signal with. */
export const DETACH: StopReason = 'detached';
export const CANCEL: StopReason = 'cancelled';
