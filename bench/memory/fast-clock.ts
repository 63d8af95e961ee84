/**
 * What a process is started with so that its time runs faster: its clocks tell more, its timers wait less, by the same
 * factor. The product needs no switch for it. What the system itself waits for (a socket, a file) takes its own time; so
 * do long timers: those are limits of work that does not run faster, and nothing waits for them.
 */
export function fastClockFlags(factor: number): readonly string[] {
  const code = `
    import promises from 'node:timers/promises';
    import { syncBuiltinESMExports } from 'node:module';
    const factor = ${factor};
    const monotonic = performance.now.bind(performance);
    const wall = Date.now;
    const start = wall();
    performance.now = () => monotonic() * factor;
    Date.now = () => Math.trunc(start + (wall() - start) * factor);
    for (const name of ['setTimeout', 'setInterval']) {
      const own = globalThis[name];
      globalThis[name] = (call, ms = 1, ...more) => own(call, ms < 15_000 ? ms / factor : ms, ...more);
    }
    const sleep = promises.setTimeout;
    promises.setTimeout = (ms = 1, ...more) => sleep(ms / factor, ...more);
    syncBuiltinESMExports();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}
