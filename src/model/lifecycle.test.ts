import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aRun } from '../../tests/helpers/builders.ts';
import { LightexError } from './errors.ts';
import type { RunEvent } from './event.ts';
import type { UnixMs } from './experiment.ts';
import { isFinal, transition } from './lifecycle.ts';
import type { Run } from './run.ts';

const QUEUED: Run = { ...aRun(), status: 'queued', attempt: 0 };
const at = 5 as UnixMs;
const base = { runId: QUEUED.id, at };
const JOB = { executor: 'process', runId: QUEUED.id, attempt: 1, ref: '/x' } as const;

const CLAIMED: RunEvent = { ...base, type: 'claimed', runner: 'lab-1', attempt: 1 };
const STARTING: RunEvent = { ...base, type: 'starting' };
const STARTED: RunEvent = { ...base, type: 'started', job: JOB };
const EXITED: RunEvent = { ...base, type: 'exited', exit: { kind: 'exited', code: 1 } };
const ENDED: RunEvent = { ...base, type: 'ended', status: 'failed', reason: 'exit' };
const REQUEUED: RunEvent = { ...base, type: 'requeued', reason: 'lost', notBefore: 9 as UnixMs };
const CANCEL: RunEvent = { ...base, type: 'cancel-requested', by: 'ada' };
const COLLECTED: RunEvent = { ...base, type: 'collected', files: [] };
const PUBLISHED: RunEvent = { ...base, type: 'published' };
const ALL = [CLAIMED, STARTING, STARTED, EXITED, ENDED, REQUEUED, CANCEL, COLLECTED, PUBLISHED];

const led = (...events: RunEvent[]) => events.reduce(transition, QUEUED);

test('the way of a run that fails', () => {
  const run = led(CLAIMED, STARTING, STARTED, EXITED, COLLECTED, PUBLISHED, ENDED);

  expect(run).toMatchObject({
    status: 'failed',
    reason: 'exit',
    attempt: 1,
    runner: 'lab-1',
    job: JOB,
    startedAt: at,
    endedAt: at,
  });
  expect(isFinal(run.status)).toBe(true);
});

test('a requeued run forgets its job and its exit, and keeps its attempt until the next claim', () => {
  const run = led(CLAIMED, STARTING, STARTED, EXITED, REQUEUED);

  expect(run).toMatchObject({ status: 'queued', attempt: 1, notBefore: 9 });
  expect([run.job, run.exit, run.startedAt, run.runner]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(transition(run, { ...CLAIMED, attempt: 2 }).attempt).toBe(2);
});

test('a run can be cancelled before anybody claimed it', () => {
  expect(
    led(CANCEL, { ...base, type: 'ended', status: 'cancelled', reason: 'cancelled' }),
  ).toMatchObject({ status: 'cancelled' });
});

test('whatever events come, each is a legal step or is refused with its code, and a final state is final', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ALL), { maxLength: 20 }), (events) => {
      let run = QUEUED;
      for (const event of events) {
        const before = run;
        try {
          run = transition(run, event);
        } catch (error) {
          expect(error).toBeInstanceOf(LightexError);
          expect((error as LightexError).code).toBe('LTX_RUN_TRANSITION');
        }
        if (isFinal(before.status)) expect(run).toBe(before);
      }
    }),
  );
});
