import { expect, test } from 'vitest';
import { normaliseRunner } from './runners.ts';

const machine = { cpus: 4, memoryBytes: 2 ** 33, os: 'darwin', arch: 'arm64', hasPython: true };

test('a runner that says the least offers its whole machine', () => {
  expect(normaliseRunner({ name: 'lab' }, machine)).toEqual({
    name: 'lab',
    labels: ['macos', 'arm64', 'process', 'lab', 'python'],
    executor: 'process',
    capacity: { cpus: 4, memoryBytes: 2 ** 33, gpus: 0 },
    maxParallel: 4,
    volumes: {},
    watch: { remote: 'origin', pollMs: 15_000 },
    env: [],
  });
});

test('what a runner declares wins, and labels come once', () => {
  const runner = normaliseRunner(
    {
      name: 'lab',
      labels: ['gpu', 'linux'],
      capacity: { cpus: 0.5, memory: '1Gi', gpus: 2 },
      watch: { poll: '1m' },
      trust: { branches: ['exp/**'] },
    },
    { ...machine, os: 'linux', hasPython: false },
  );

  expect(runner).toMatchObject({
    labels: ['gpu', 'linux', 'arm64', 'process', 'lab'],
    capacity: { cpus: 0.5, memoryBytes: 2 ** 30, gpus: 2 },
    maxParallel: 1,
    watch: { remote: 'origin', pollMs: 60_000 },
    trustBranches: ['exp/**'],
  });
});
