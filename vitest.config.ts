import { defineConfig } from 'vitest/config';

/**
 * The tiers. `unit` and `e2e` are `npm test`: no Docker, no network but loopback. `e2e-fastify` is `e2e` again with
 * the other front than the default (`npm run test:fastify`). `docker` needs an engine; `full` is long and run by hand
 * (`npm run test:full`), and so are `faults` and `edge`, which write docs/faults.md (`npm run test:faults`) and docs/edge.md
 * (`npm run test:edge`).
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/build-once.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [
            'test/e2e/**',
            'test/docker/**',
            'test/full/**',
            'test/faults/**',
            'test/edge/against-peers.test.ts',
          ],
        },
      },
      { extends: true, test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'e2e-fastify', include: ['test/e2e/**/*.test.ts'], env: { FRONT: 'fastify' } },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['test/full/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          globalSetup: ['test/faults/report/write-report.ts'],
          fileParallelism: false,
          testTimeout: 900_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'edge',
          include: ['test/edge/against-peers.test.ts'],
          globalSetup: ['test/edge/report/write-report.ts'],
          testTimeout: 600_000,
        },
      },
    ],
  },
});
