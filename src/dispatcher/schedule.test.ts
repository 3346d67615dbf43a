import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aRun, aTrial } from '../../tests/helpers/builders.ts';
import type { RunId, UnixMs } from '../model/experiment.ts';
import type { Runner } from '../model/job.ts';
import type { Run } from '../model/run.ts';
import { schedule } from './schedule.ts';

const NOW = 1_000_000_000 as UnixMs;
const RUNNER: Runner = {
  name: 'lab',
  labels: ['linux', 'gpu'],
  executor: 'process',
  capacity: { cpus: 4, memoryBytes: 1000, gpus: 1 },
  maxParallel: 3,
  volumes: {},
  watch: { remote: 'origin', pollMs: 1000 },
  env: [],
};

interface Wish {
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly gpus?: number;
  readonly labels?: readonly string[];
  readonly user?: string;
  readonly waitedMs?: number;
}

let count = 0;
function queued(
  { cpus = 1, memoryBytes, gpus = 0, labels = [], user = 'ada', waitedMs = 0 }: Wish = {},
  more: Partial<Run> = {},
): Run {
  const id = `run${String(count++).padStart(4, '0')}` as RunId;
  const resources = { cpus, gpus, ...(memoryBytes === undefined ? {} : { memoryBytes }) };
  const run = aRun({ trial: aTrial({ runId: id, spec: { resources, runsOn: labels } }) });
  return {
    ...run,
    id,
    status: 'queued',
    attempt: 0,
    origin: { ...run.origin, user },
    queuedAt: (NOW - waitedMs) as UnixMs,
    ...more,
  };
}

const started = (runs: readonly Run[], busy: readonly Run[] = []) =>
  schedule(runs, busy, RUNNER, NOW)
    .filter(({ start }) => start)
    .map(({ run }) => run);
const whyNot = (run: Run, busy: readonly Run[] = []) => {
  const [decision] = schedule([run], busy, RUNNER, NOW);
  return decision?.start === false ? decision.waitsFor : 'starts';
};

describe('what keeps a run from starting', () => {
  test.each<[string, Wish, Partial<Run>]>([
    ['label', { labels: ['linux', 'tpu'] }, {}],
    ['too-large', { cpus: 5 }, {}],
    ['too-large', { memoryBytes: 1001 }, {}],
    ['too-large', { gpus: 2 }, {}],
    ['backoff', {}, { notBefore: (NOW + 1) as UnixMs }],
    ['starts', { cpus: 4, memoryBytes: 1000, gpus: 1, labels: ['gpu'] }, { notBefore: NOW }],
  ])('%s', (why, wish, more) => {
    expect(whyNot(queued(wish, more))).toBe(why);
  });

  test('capacity that others hold, and max_parallel of the runner and of the experiment', () => {
    expect(whyNot(queued({ cpus: 2 }), [queued({ cpus: 3 })])).toBe('capacity');
    expect(whyNot(queued(), [queued(), queued(), queued()])).toBe('capacity');
    expect(whyNot(queued({}, { maxParallel: 1 }), [queued()])).toBe('max-parallel');
  });

  test('decimal cpus add up: ten times 0.1 fits where one cpu is free', () => {
    const busy = [queued({ cpus: 3 })];

    expect(whyNot(queued({ cpus: 0.1 + 0.2 }), [...busy, queued({ cpus: 0.7 })])).toBe('starts');
  });
});

describe('the order', () => {
  test('priority first, then who has fewest running, then who waited longest, then the plan', () => {
    const [a, b] = [queued({ waitedMs: 5 }, { order: 2 }), queued({ waitedMs: 5 }, { order: 1 })];
    const other = queued({ user: 'bob', waitedMs: 1 });
    const urgent = queued({ waitedMs: 0 }, { priority: 1 });

    expect(started([a, b, other, urgent])).toEqual([urgent.id, other.id, b.id]);
  });

  test('a smaller run passes a blocked one, but not for more than ten minutes', () => {
    const busy = [queued({ cpus: 2 })];
    const small = queued({ cpus: 1 });

    expect(started([queued({ cpus: 4, waitedMs: 1 }), small], busy)).toEqual([small.id]);
    expect(started([queued({ cpus: 4, waitedMs: 11 * 60_000 }), small], busy)).toEqual([]);
  });

  test('a run that can never fit reserves nothing', () => {
    const small = queued();

    expect(started([queued({ cpus: 9, waitedMs: 11 * 60_000 }), small])).toEqual([small.id]);
  });
});

test('never more than the capacity and max_parallel, each queued run decided once, whatever comes', () => {
  const wish = fc.record({
    cpus: fc.integer({ min: 1, max: 6 }),
    memoryBytes: fc.integer({ min: 0, max: 1200 }),
    gpus: fc.integer({ min: 0, max: 2 }),
    user: fc.constantFrom('ada', 'bob'),
    waitedMs: fc.constantFrom(0, 700_000),
  });
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
      const runs = wishes.map((one) => queued(one));
      const decisions = schedule(runs, [], RUNNER, NOW);
      const running = decisions
        .filter(({ start }) => start)
        .map(({ run }) => runs.find(({ id }) => id === run) as Run);
      const sum = (pick: (run: Run) => number) =>
        running.reduce((total, run) => total + pick(run), 0);

      expect(new Set(decisions.map(({ run }) => run)).size).toBe(runs.length);
      expect(running.length).toBeLessThanOrEqual(RUNNER.maxParallel);
      expect(sum(({ trial }) => trial.spec.resources.cpus)).toBeLessThanOrEqual(4);
      expect(sum(({ trial }) => trial.spec.resources.memoryBytes ?? 0)).toBeLessThanOrEqual(1000);
      expect(sum(({ trial }) => trial.spec.resources.gpus)).toBeLessThanOrEqual(1);
    }),
  );
});
