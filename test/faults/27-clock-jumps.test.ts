import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { answerAs } from '../support/named-backend.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { RawWebSocket } from '../support/websocket.ts';
import { failedIn, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';
import type { Trial } from './trial.ts';

const HOUR_MS = 3_600_000;
const LIMIT_MS = 1_500;

/** The wall clock is set an hour ahead, then two back, while requests wait, connections idle and an endpoint is out. */
scenario({
  number: '27',
  title: 'clock jumps 1 h ahead, then 2 h back',
  aim: 'no time limit fires wrongly',
  withoutPeers: '– (needs the machine’s clock)',
  measure: async (trial) => {
    const clock = await plantClock(trial);
    const feature = await trial.backend(async (request, reply) => {
      if (request.target.endsWith('/slow')) await sleep(LIMIT_MS - 700);
      if (request.target.endsWith('/never')) return reply.takeOver();
      return answerAs('feature', request, reply);
    });
    const proxy = await trial.start(
      { legacy: feature.port, feature: [feature.port], silenceMs: LIMIT_MS, keys: ['breaker: false'] },
      { nodeFlags: clock.nodeFlags },
    );
    const load = new Load(proxy.port, { clients: 4, pauseMs: 5, request: () => get('/feature') });
    const idle = await RawClient.connect(proxy.port);
    idle.send(get('/feature'));
    await idle.readAnswer();
    const socket = await RawWebSocket.open(proxy.port, '/feature/ws');
    const slow: number[] = [];
    const neverMs: number[] = [];
    for (const offsetMs of [HOUR_MS, -HOUR_MS, 0]) {
      const from = performance.now();
      const waiting = ask(proxy.port, get('/feature/slow'));
      const never = ask(proxy.port, get('/feature/never')).then(() => neverMs.push(performance.now() - from));
      await sleep(200);
      await clock.set(offsetMs);
      slow.push((await waiting).status);
      await never;
    }
    idle.send(get('/feature'));
    const idleStatus = await idle.readAnswer().then(
      ({ status }) => status,
      () => 0,
    );
    const echo = await socket.echo('still there').catch(() => 'cut');
    for (const one of [idle, socket]) one.destroy();
    const logged = proxy.router.logs().map(({ time }) => Date.parse(String(time)) - Date.now());
    return {
      ...(await load.stop()),
      ...{ slow, idleStatus, echo },
      worstMs: Math.round(Math.max(...neverMs.map((ms) => Math.abs(ms - LIMIT_MS)))),
      sawJump: logged.some((ms) => ms > HOUR_MS / 2) && logged.some((ms) => ms < -HOUR_MS / 2),
    };
  },
  text: (figures) =>
    `${loadText(figures)}; slow answers ${figures.slow.join(', ')}; a limit of ${LIMIT_MS} ms off by at most ${figures.worstMs} ms`,
  meets: (figures) => {
    expect(figures.sawJump).toBe(true);
    expect(failedIn(figures)).toBe(0);
    expect(figures.idleClosed).toBe(0);
    expect([...figures.slow, figures.idleStatus, figures.echo]).toEqual([200, 200, 200, 200, 'still there']);
    expect(figures.worstMs).toBeLessThan(500);
  },
});

/**
 * A wall clock of the test's own in the router's process: a few lines loaded before it read an offset from a file. The
 * machine's clock is everybody's.
 */
async function plantClock(trial: Trial) {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-clock-'));
  trial.atEnd(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'offset');
  await writeFile(file, '0');
  const code = `
    import { readFileSync } from 'node:fs';
    const Real = Date;
    const real = Date.now;
    let offset = 0;
    setInterval(() => { offset = Number(readFileSync(${JSON.stringify(file)}, 'utf8')) || offset * 0; }, 20).unref();
    globalThis.Date = class Date extends Real {
      constructor(...given) { super(...(given.length === 0 ? [real() + offset] : given)); }
      static now() { return real() + offset; }
    };`;
  return {
    nodeFlags: ['--import', `data:text/javascript,${encodeURIComponent(code)}`],
    set: (ms: number) => writeFile(file, String(ms)),
  };
}
