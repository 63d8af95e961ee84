import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { missingPackage } from '../../bench/peers/programs.ts';
import { CLASSES } from './classes/all-classes.ts';
import type { EdgeClass } from './edge-case.ts';
import { playCase } from './play/play-case.ts';
import { PEERS, PLAYERS, type Player, startStage } from './proxies/stage.ts';
import type { Result } from './report/edge-table.ts';

/**
 * `npm run test:edge`: every case with Banyan, with its other front, and with nginx, HAProxy and Caddy. Banyan has to
 * pass all of them, and nobody may pass more than it in any class; what the others make of it is written into
 * docs/edge.md.
 */

/** What each does not pass is printed too. */
const SAYS = process.env['EDGE_SAY'] === '1';

describe.each(CLASSES.map((one) => [one.name, one] as const))('%s', (_name, edgeClass) => {
  const passed = new Map<Player, number>();

  it.each(PLAYERS)('%s', async (player) => {
    if (isMissing(player) || !playsIn(player, edgeClass)) return;
    const results = await playAll(player, edgeClass);
    const file = path.join(inject('edgeFolder'), 'results.jsonl');
    for (const result of results) appendFileSync(file, `${JSON.stringify(result)}\n`);
    const problems = results.filter(({ problem }) => problem !== null);
    passed.set(player, results.length - problems.length);
    console.log(`${edgeClass.name}: ${player}: ${passed.get(player)} of ${results.length}`);
    if (SAYS) console.log(problems.map(({ what, problem }) => `  ${what}: ${problem}`).join('\n'));
    if (player === 'banyan') expect(problems.map(({ what, problem }) => `${what}: ${problem}`)).toEqual([]);
  });

  afterAll(() => {
    for (const peer of PEERS) expect(passed.get('banyan')).toBeGreaterThanOrEqual(passed.get(peer) ?? 0);
  });
});

function isMissing(player: Player): boolean {
  return PEERS.includes(player) && missingPackage(player, player) !== null;
}

/** The Fastify front has no TLS, and so no HTTP/2. */
function playsIn(player: Player, { cases }: EdgeClass): boolean {
  return player !== 'banyan-fastify' || cases.every(({ tls, port }) => tls === undefined && port !== 'tls');
}

async function playAll(player: Player, { name, cases, backendS }: EdgeClass): Promise<Result[]> {
  const stage = await startStage(player, backendS);
  const results: Result[] = [];
  try {
    for (const one of cases) {
      const problem = one.rule.check(await playCase(stage, one));
      const { what, source, stricter = null, rule } = one;
      results.push({ class: name, player, what, source, stricter, allowed: rule.text, problem });
    }
  } finally {
    await stage.end();
  }
  return results;
}
