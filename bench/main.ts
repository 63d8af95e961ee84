/** What `bench/run.mjs` calls: options in, a table out, an exit code back. */
import { buildOfCommit, buildOfWorkTree } from './builds/build-of-tree.ts';
import { allowedCores, canPin, coresFor } from './measure/machine.ts';
import type { Slot } from './measure/slot.ts';
import { spreadOf } from './measure/statistics.ts';
import { optionsFrom } from './options.ts';
import { banyan } from './peers/banyan.ts';
import { caddy } from './peers/caddy.ts';
import { haproxy } from './peers/haproxy.ts';
import { nginx } from './peers/nginx.ts';
import { fastifyPlugin, middleware, relay } from './peers/node-proxies.ts';
import { Processes } from './processes.ts';
import { Session } from './session.ts';
import { WORKLOADS } from './workloads.ts';

export async function main({
  args,
  root,
  folder,
}: {
  args: readonly string[];
  root: string;
  folder: string;
}) {
  const options = optionsFrom(args);
  const ends: (() => void)[] = [];
  const place = {
    root,
    folder,
    onEnd: (f: () => void) => ends.unshift(f),
    say: (text: string) => console.error(text),
  };
  const build = options.at === null ? buildOfWorkTree(place) : buildOfCommit(options.at, place);
  const peers = [
    banyan(build, 'wire'),
    banyan(build, 'fastify'),
    nginx,
    haproxy,
    caddy,
    fastifyPlugin(root),
    middleware(root),
    relay(root),
  ].filter(({ id }) => options.peers === null || options.peers.includes(id));
  const processes = new Processes(folder, canPin());
  const stop = () => {
    processes.killAll();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const session = await Session.open(processes, folder, coresFor(allowedCores()));
    for (const workload of WORKLOADS.filter(({ id }) => options.only === null || options.only.includes(id))) {
      const proxies = [];
      for (const peer of peers.filter(({ missing }) => missing() === null))
        proxies.push(await session.startProxy(peer, workload.routes));
      for (const proxy of proxies)
        await session.measure(proxy, workload, { round: -1, forMs: Number(process.env.WARM) || 1500 });
      const slots: Slot[] = [];
      for (let round = 0; round < options.rounds; round++)
        for (const proxy of proxies)
          slots.push(await session.measure(proxy, workload, { round, forMs: options.seconds * 1000 }));
      console.log(`\n${workload.title}`);
      console.table(
        peers.map(({ id }) => {
          const mine = slots.filter(({ peer }) => peer === id);
          const of = (
            key:
              | 'cpuMicroseconds'
              | 'perSecond'
              | 'p50Ms'
              | 'p99Ms'
              | 'proxyShare'
              | 'backendShare'
              | 'loadShare'
              | 'otherCores',
            digits: number,
          ) => spreadOf(mine.map((s) => s[key])).median.toFixed(digits);
          const first = peers[0]?.id;
          const ratio = spreadOf(
            mine.map(
              (s) =>
                (slots.find((o) => o.peer === first && o.round === s.round)?.cpuMicroseconds ?? NaN) /
                s.cpuMicroseconds,
            ),
          );
          return {
            peer: id,
            cpu: of('cpuMicroseconds', 1),
            [`${first}/it`]: `${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)}–${ratio.high.toFixed(3)})`,
            rate: of('perSecond', 0),
            p50: of('p50Ms', 3),
            p99: of('p99Ms', 3),
            proxy: of('proxyShare', 2),
            backend: of('backendShare', 2),
            load: of('loadShare', 2),
            other: of('otherCores', 2),
            failed: mine.reduce((sum, s) => sum + s.failed, 0),
            why: mine.flatMap((s) => s.reasons)[0] ?? '',
          };
        }),
      );
      await Promise.all(proxies.map(({ running }) => processes.end(running)));
    }
  } finally {
    await processes.endAll();
    for (const end of ends) end();
  }
  return 0;
}
