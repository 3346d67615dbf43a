import { describe, expect, test } from 'vitest';
import { aRun, aTrial } from '../../tests/helpers/builders.ts';
import type { UnixMs } from '../model/experiment.ts';
import type { JobExit, Run } from '../model/run.ts';
import type { RunReason } from '../model/schema.generated.ts';
import { describeExit, outcomeOf } from './outcome.ts';

const NOW = 1_000 as UnixMs;

function decided(
  exit: JobExit,
  failures: readonly RunReason[] = [],
  retry: Partial<Run['trial']['spec']['retry']> = {},
  more: Partial<Run> = {},
) {
  const run = aRun({
    trial: aTrial({ spec: { retry: { attempts: 1, on: ['lost', 'infra'], ...retry } } }),
  });
  return outcomeOf({ ...run, cancelRequested: false, ...more }, exit, failures, NOW);
}

describe('how an attempt ended decides the run', () => {
  test.each<[JobExit, string, string | undefined]>([
    [{ kind: 'exited', code: 0 }, 'succeeded', undefined],
    [{ kind: 'exited', code: 3 }, 'failed', 'exit'],
    [{ kind: 'signalled', signal: 'SIGSEGV' }, 'failed', 'signal'],
    [{ kind: 'out-of-memory' }, 'failed', 'oom'],
    [{ kind: 'timed-out' }, 'timed_out', 'timeout'],
    [{ kind: 'cancelled' }, 'cancelled', 'cancelled'],
    [{ kind: 'evicted', reason: 'node' }, 'lost', 'evicted'],
    [{ kind: 'not-started', reason: 'config', message: 'x' }, 'failed', 'config'],
  ])('%j', (exit, status, reason) => {
    expect(decided(exit)).toMatchObject({
      next: 'end',
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  });

  test('a run that was to be cancelled is cancelled, however it ended, unless it succeeded first', () => {
    expect(decided({ kind: 'vanished' }, [], {}, { cancelRequested: true })).toMatchObject({
      next: 'end',
      status: 'cancelled',
    });
    expect(decided({ kind: 'exited', code: 0 }, [], {}, { cancelRequested: true })).toMatchObject({
      status: 'succeeded',
    });
  });
});

describe('what is tried again', () => {
  test('failures of the surroundings three times without counting, ever later', () => {
    const lost: JobExit = { kind: 'vanished' };

    expect(decided(lost)).toEqual({
      next: 'requeue',
      status: 'lost',
      reason: 'lost',
      notBefore: 11_000,
    });
    expect(decided(lost, ['lost', 'infra'])).toMatchObject({ next: 'requeue', notBefore: 41_000 });
    expect(decided(lost, ['lost', 'lost', 'lost'])).toMatchObject({ next: 'end', status: 'lost' });
  });

  test('failures of the program only where retry.on names them, up to retry.attempts in all', () => {
    const failed: JobExit = { kind: 'exited', code: 1 };

    expect(decided(failed, [], { attempts: 3 })).toMatchObject({ next: 'end' });
    expect(decided(failed, ['exit'], { attempts: 3, on: ['exit'] })).toMatchObject({
      next: 'requeue',
    });
    expect(decided(failed, ['exit', 'lost', 'exit'], { attempts: 3, on: ['exit'] })).toMatchObject({
      next: 'end',
      status: 'failed',
    });
  });

  test('exit code 75 asks for it at once, and is not counted', () => {
    expect(decided({ kind: 'exited', code: 75 }, ['requeue', 'requeue'])).toMatchObject({
      next: 'requeue',
      reason: 'requeue',
      notBefore: NOW,
    });
  });
});

test('a command that does not exist is explained', () => {
  expect(describeExit({ kind: 'exited', code: 127 })).toBe('exit code 127 (command not found)');
});
