import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobHandle, JobSpec, Offsets, OutputLine } from '../../src/model/job.ts';
import { identify } from '../../src/platform/process-identity.ts';
import type { Executor } from '../../src/ports/executor.ts';
import { until } from '../helpers/until.ts';

export interface ExecutorUnderTest {
  /** A new object on the same surroundings: what a restarted daemon makes. */
  readonly open: () => Executor;
  /** A job that runs a shell script, in these surroundings. */
  readonly job: (script: string, more?: Partial<JobSpec>) => JobSpec;
  readonly codeFolder: string;
}

const never = new AbortController().signal;

async function read(
  executor: Executor,
  job: JobHandle,
  from: Offsets = [],
): Promise<readonly OutputLine[]> {
  const lines: OutputLine[] = [];
  for await (const batch of executor.output(job, from, never)) lines.push(...batch);
  return lines;
}

const textsOf = (lines: readonly OutputLine[], source: OutputLine['source']) =>
  lines.filter((line) => line.source === source).map(({ line }) => line);

/** What every executor must do; see src/ports/executor.ts. */
export function executorContract(name: string, setUp: () => ExecutorUnderTest): void {
  describe(`${name} as an executor`, () => {
    test('a job that succeeds exits with 0, and all it wrote is read in order', async () => {
      const { open, job } = setUp();
      const executor = open();

      const handle = await executor.start(
        job(
          'for i in 1 2 3; do echo line $i; done; echo err >&2; echo \'{"step":1}\' >> "$LIGHTEX_LOG"',
        ),
        never,
      );
      const lines = await read(executor, handle);

      expect(textsOf(lines, 'output')).toEqual(['line 1', 'line 2', 'line 3', 'err']);
      expect(textsOf(lines, 'log')).toEqual(['{"step":1}']);
      expect(await executor.inspect(handle)).toEqual({
        state: 'exited',
        exit: { kind: 'exited', code: 0 },
      });
    });

    test('what follows a very long line is read, also when the job has ended', async () => {
      const { open, job } = setUp();
      const executor = open();

      const handle = await executor.start(
        job("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo after"),
        never,
      );
      const lines = await read(executor, handle);

      expect(textsOf(lines, 'output').map((line) => line.slice(0, 5))).toEqual(['xxxxx', 'after']);
    });

    test('a folder or a pipe in place of the log is an empty log', async () => {
      const { open, job } = setUp();
      const executor = open();

      for (const script of ['mkdir "$LIGHTEX_LOG"', 'mkfifo "$LIGHTEX_LOG"']) {
        const handle = await executor.start(job(`${script}; echo done`), never);
        expect(textsOf(await read(executor, handle), 'output')).toEqual(['done']);
      }
    });

    test.each([
      ['exit 3', { kind: 'exited', code: 3 }],
      ['kill -KILL $$', { kind: 'signalled', signal: 'SIGKILL' }],
      ['kill -SEGV $$', { kind: 'signalled', signal: 'SIGSEGV' }],
    ])('a job that ends by `%s` is a value, not an error', async (script, exit) => {
      const { open, job } = setUp();
      const executor = open();

      const handle = await executor.start(job(script), never);
      await read(executor, handle);

      expect(await executor.inspect(handle)).toEqual({ state: 'exited', exit });
    });

    test('a command that does not exist exits with 127 and says so', async () => {
      const { open, job } = setUp();
      const executor = open();

      const handle = await executor.start(job('', { argv: ['no-such-program', 'x'] }), never);
      const lines = await read(executor, handle);

      expect(await executor.inspect(handle)).toEqual({
        state: 'exited',
        exit: { kind: 'exited', code: 127 },
      });
      expect(textsOf(lines, 'output').join('\n')).toContain('no-such-program');
    });

    test('words of a shell in the arguments stay arguments', async () => {
      const { open, job } = setUp();
      const executor = open();

      const handle = await executor.start(
        job('', { argv: ['printf', '%s\n', '$(id); `id`', '&& id', "'"] }),
        never,
      );

      expect(textsOf(await read(executor, handle), 'output')).toEqual([
        '$(id); `id`',
        '&& id',
        "'",
      ]);
    });

    test('a job sees its own environment and a copy of the code that it may change', async () => {
      const { open, job, codeFolder } = setUp();
      const executor = open();

      const handle = await executor.start(
        job('echo "$GREETING $HOSTILE"; cat file.txt; echo changed > file.txt', {
          env: { ...job('').env, GREETING: 'hello' },
        }),
        never,
      );

      expect(textsOf(await read(executor, handle), 'output')).toEqual([
        'hello ',
        'from the commit',
      ]);
      expect(readFileSync(join(codeFolder, 'file.txt'), 'utf8')).toBe('from the commit\n');
    });

    test('output can be read from an offset on, and again', async () => {
      const { open, job } = setUp();
      const executor = open();
      const handle = await executor.start(job('echo one; echo two; printf three'), never);

      const all = await read(executor, handle);
      const rest = await read(executor, handle, [
        { rank: 0, source: 'output', bytes: all[0]?.offset ?? 0 },
      ]);

      expect(textsOf(all, 'output')).toEqual(['one', 'two', 'three']);
      expect(rest).toEqual(all.slice(1));
    });

    test('starting the same attempt again adopts it', async () => {
      const { open, job } = setUp();
      const executor = open();
      const spec = job('echo started >> "$LIGHTEX_CHECKPOINTS/count"; echo done');

      const first = await executor.start(spec, never);
      await read(executor, first);
      const second = await executor.start(spec, never);

      expect(second).toEqual(first);
      expect(readFileSync(`${spec.env.LIGHTEX_CHECKPOINTS}/count`, 'utf8')).toBe('started\n');
    });

    test('a job outlives the executor that started it: another one adopts it, reads it, and knows how it ended', async () => {
      const { open, job } = setUp();
      const [before, after] = [open(), open()];
      const spec = job(
        'echo begun; while [ ! -e "$LIGHTEX_CHECKPOINTS/go" ]; do sleep 0.05; done; echo over; exit 7',
      );

      const handle = await before.start(spec, never);
      const [found] = await after.list();
      expect(found).toEqual(handle);
      expect(await after.inspect(handle)).toEqual({ state: 'running' });
      const reading = read(after, handle);
      writeFileSync(`${spec.env.LIGHTEX_CHECKPOINTS}/go`, '');

      expect(textsOf(await reading, 'output')).toEqual(['begun', 'over']);
      expect(await after.inspect(handle)).toEqual({
        state: 'exited',
        exit: { kind: 'exited', code: 7 },
      });
    });

    test('stop sends INT first, so that a program may end in order', async () => {
      const { open, job } = setUp();
      const executor = open();
      const handle = await executor.start(
        job('trap "echo saved; exit 5" INT; echo ready; while :; do sleep 0.05; done'),
        never,
      );
      const reading = read(executor, handle);
      await until(
        'the trap is set',
        () => readFileSync(join(handle.ref, 'out.log'), 'utf8').includes('ready') || undefined,
      );

      await executor.stop(handle, 5_000);

      expect(textsOf(await reading, 'output')).toEqual(['ready', 'saved']);
      expect(await executor.inspect(handle)).toEqual({
        state: 'exited',
        exit: { kind: 'exited', code: 5 },
      });
    });

    test('stop ends what ignores INT and TERM, and what fled into a session of its own; others live on', async () => {
      const { open, job } = setUp();
      const executor = open();
      const stubborn =
        'trap "" INT TERM; setsid sleep 1000 & echo $! > "$LIGHTEX_CHECKPOINTS/fled"; echo ready; while :; do sleep 0.05; done';
      const spec = job(stubborn);
      const handle = await executor.start(spec, never);
      const other = await executor.start(
        job('while [ ! -e "$LIGHTEX_CHECKPOINTS/go" ]; do sleep 0.05; done', {
          runId: 'otherotherother2' as JobSpec['runId'],
        }),
        never,
      );
      await until(
        'it runs',
        () => readFileSync(join(handle.ref, 'out.log'), 'utf8').includes('ready') || undefined,
      );
      const fled = Number(readFileSync(`${spec.env.LIGHTEX_CHECKPOINTS}/fled`, 'utf8'));

      await executor.stop(handle, 100);

      expect(await identify(fled)).toBeUndefined();
      expect(await executor.inspect(other)).toEqual({ state: 'running' });
      await executor.stop(handle, 100);
      await executor.stop(other, 100);
    });

    test('a removed job is gone, is not listed, and can be removed again', async () => {
      const { open, job } = setUp();
      const executor = open();
      const handle = await executor.start(job('true'), never);
      await read(executor, handle);

      await executor.remove(handle);
      await executor.remove(handle);

      expect(await executor.list()).toEqual([]);
      expect(await executor.inspect(handle)).toEqual({ state: 'gone' });
    });
  });
}
