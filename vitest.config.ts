import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    // Limits end what hangs: what is slow, on a machine that is busy with other things, stays far from them.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Tests load onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], maxWorkers: 2 } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          // Decoding and inference use every core themselves: two such files at once only wait for each other.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/global-setup.ts',
          fileParallelism: false,
          // As long as Playwright waits (`launch-app.ts`): the default is one second.
          expect: { poll: { timeout: 180_000 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
