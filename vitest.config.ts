import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], more: object = {}) => ({
  test: { name, include, ...more },
});

export default defineConfig({
  test: {
    coverage: { include: ['src/**/*.ts'] },
    projects: [
      project('unit', ['src/**/*.test.ts']),
      project('contract', ['tests/contract/**/*.test.ts'], {
        testTimeout: 60_000,
        globalSetup: 'tests/build.ts',
      }),
      project(
        'scenario',
        ['tests/scenarios/**/*.test.ts', 'tests/docs.test.ts', 'tests/package.test.ts'],
        {
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: 'tests/build.ts',
        },
      ),
      project('crash', ['tests/crash/**/*.test.ts'], {
        testTimeout: 300_000,
        hookTimeout: 300_000,
        globalSetup: 'tests/build.ts',
      }),
      project('browser', ['tests/browser/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 120_000,
        globalSetup: 'tests/build.ts',
      }),
    ],
  },
});
