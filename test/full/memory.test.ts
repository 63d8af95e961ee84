import { expect, it } from 'vitest';
import { measureChurn } from '../../bench/memory/measure-churn.ts';
import { measureIdle } from '../../bench/memory/measure-idle.ts';
import { measureRoutes } from '../../bench/memory/measure-routes.ts';
import { measureWebSockets } from '../../bench/memory/measure-websockets.ts';

/** What a router holds in memory, and that it lets go of it. The figures are those of `npm run bench:memory`. */

const KIB = 1024;
const MIB = 1024 * KIB;

it('10 000 idle client connections hold at most 12 KiB each, and nothing when they are closed', async () => {
  const figures = await measureIdle(10_000);
  console.log('idle connections, bytes each:', JSON.stringify(figures));
  expect(figures.used).toBeLessThanOrEqual(12 * KIB);
  expect(figures.fresh).toBeLessThanOrEqual(12 * KIB);
  // Code that was compiled on the way is in it.
  expect(figures.leftOver).toBeLessThan(300);
});

it('1 000 WebSockets hold at most 48 KiB each, and nothing when they are closed, however often', async () => {
  const figures = await measureWebSockets(1_000, 6);
  console.log('WebSockets:', JSON.stringify(figures));
  expect(figures.each).toBeLessThanOrEqual(48 * KIB);
  for (const bytes of figures.leftOver) expect(bytes).toBeLessThan(2 * MIB);
  const [, second = 0, , , , sixth = 0] = figures.leftOver;
  expect(sixth - second).toBeLessThan(0.5 * MIB);
});

it('5 000 routes hold at most 8 KiB each, asked for or not, and nothing when they are gone', async () => {
  const figures = await measureRoutes(5_000);
  console.log('routes:', JSON.stringify(figures));
  expect(figures.perRoute + figures.perRouteAsked).toBeLessThanOrEqual(8 * KIB);
  expect(figures.leftOver).toBeLessThan(4 * MIB);
});

it('a day and more of routes, features and addresses that come and go leaves nothing', async () => {
  const figures = await measureChurn({ reloads: 450, samples: 15 });
  console.log('churn:', JSON.stringify(figures));
  expect(figures.hours).toBeGreaterThanOrEqual(24);
  expect(figures.rise).toBeLessThan(0.5 * MIB);
});
