import type { RunId, UnixMs } from '../model/experiment.ts';
import type { Runner } from '../model/job.ts';
import type { Run } from '../model/run.ts';

/** Why a queued run does not start now. `too-large` and `label` never change on this runner. */
export type WaitsFor = 'label' | 'too-large' | 'capacity' | 'max-parallel' | 'backoff' | 'reserved';

export type Decision =
  | { readonly run: RunId; readonly start: true }
  | {
      readonly run: RunId;
      readonly start: false;
      readonly waitsFor: WaitsFor;
      readonly detail: string;
    };

/** After this a run that does not fit keeps what is free for itself: smaller ones pass it no more. */
const RESERVE_AFTER_MS = 10 * 60_000;

/**
 * Which queued runs start now on this runner, and why the others wait: one decision a queued run, in the order in
 * which they are served (priority, fewest running of that user, first queued). Never more than capacity and max_parallel.
 */
export function schedule(
  queued: readonly Run[],
  busy: readonly Run[],
  runner: Runner,
  now: UnixMs,
): readonly Decision[] {
  const taken = [...busy];
  const decisions: Decision[] = [];
  const left = [...queued];
  let reserved = false;
  while (left.length > 0) {
    // A full runner takes nothing more, whatever the order: with long queues the look-up below is what costs.
    const index = taken.length >= runner.maxParallel ? 0 : indexOfNext(left, taken);
    const [run] = left.splice(index, 1) as [Run];
    const wait = waitOf(run, taken, runner, now) ?? (reserved ? RESERVED : undefined);
    if (wait === undefined) taken.push(run);
    else if (wait.waitsFor === 'capacity' && now - run.queuedAt > RESERVE_AFTER_MS) reserved = true;
    decisions.push(
      wait === undefined ? { run: run.id, start: true } : { run: run.id, start: false, ...wait },
    );
  }
  return decisions;
}

/** The first in order; fairness depends on what was taken so far, so it is looked up anew for each. */
function indexOfNext(queued: readonly Run[], taken: readonly Run[]): number {
  const running = new Map<string, number>();
  for (const run of taken) running.set(run.origin.user, (running.get(run.origin.user) ?? 0) + 1);
  const share = (run: Run) => running.get(run.origin.user) ?? 0;
  let best = 0;
  for (let index = 1; index < queued.length; index += 1) {
    const [a, b] = [queued[index] as Run, queued[best] as Run];
    const order =
      b.priority - a.priority ||
      share(a) - share(b) ||
      a.queuedAt - b.queuedAt ||
      a.order - b.order;
    if (order < 0) best = index;
  }
  return best;
}

type Wait = { readonly waitsFor: WaitsFor; readonly detail: string };

const RESERVED: Wait = {
  waitsFor: 'reserved',
  detail: 'a larger run that waited for 10 minutes comes first',
};

function waitOf(run: Run, taken: readonly Run[], runner: Runner, now: UnixMs): Wait | undefined {
  const { runsOn, resources } = run.trial.spec;
  const missing = runsOn.filter((label) => !runner.labels.includes(label));
  if (missing.length > 0)
    return { waitsFor: 'label', detail: `runner ${runner.name} lacks ${missing.join(', ')}` };
  const tooLarge = lacking(resources, runner.capacity);
  if (tooLarge !== undefined)
    return { waitsFor: 'too-large', detail: `runner ${runner.name} has only ${tooLarge}` };
  if (run.notBefore !== undefined && run.notBefore > now)
    return { waitsFor: 'backoff', detail: 'waits before its next attempt' };
  const siblings = taken.filter((other) => other.trial.experiment === run.trial.experiment).length;
  if (run.maxParallel !== undefined && siblings >= run.maxParallel) {
    return {
      waitsFor: 'max-parallel',
      detail: `${run.trial.experiment} runs ${siblings} at once, its max_parallel`,
    };
  }
  if (taken.length >= runner.maxParallel)
    return { waitsFor: 'capacity', detail: `${taken.length} runs, the runner's max_parallel` };
  const full = lacking(resources, freeOf(runner, taken));
  return full === undefined ? undefined : { waitsFor: 'capacity', detail: `free: ${full}` };
}

type Amounts = { readonly cpus: number; readonly memoryBytes?: number; readonly gpus: number };

function freeOf(runner: Runner, taken: readonly Run[]): Required<Amounts> {
  const used = taken.map((run) => run.trial.spec.resources);
  const sum = (pick: (amounts: Amounts) => number) =>
    used.reduce((total, amounts) => total + pick(amounts), 0);
  return {
    cpus: runner.capacity.cpus - sum((amounts) => amounts.cpus),
    memoryBytes: runner.capacity.memoryBytes - sum((amounts) => amounts.memoryBytes ?? 0),
    gpus: runner.capacity.gpus - sum((amounts) => amounts.gpus),
  };
}

/** What there is too little of, in words; undefined when all fits. Sums of decimal cpus are compared with a tolerance. */
function lacking(wanted: Amounts, free: Required<Amounts>): string | undefined {
  if (wanted.cpus > free.cpus + 1e-9)
    return `${Number(free.cpus.toFixed(3))} of ${wanted.cpus} cpus`;
  if ((wanted.memoryBytes ?? 0) > free.memoryBytes) {
    const mebi = (bytes: number) => Math.floor(bytes / 2 ** 20);
    return `${mebi(free.memoryBytes)} of ${mebi(wanted.memoryBytes ?? 0)} MiB memory`;
  }
  if (wanted.gpus > free.gpus) return `${free.gpus} of ${wanted.gpus} gpus`;
  return undefined;
}
