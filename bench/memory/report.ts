import { availableParallelism, totalmem } from 'node:os';
import { measureChurn } from './measure-churn.ts';
import { measureIdle } from './measure-idle.ts';
import { measureRoutes } from './measure-routes.ts';
import { measureWebSockets } from './measure-websockets.ts';

/** `npm run bench:memory`: all of it, as a table in Markdown on standard output. */
export async function main(): Promise<void> {
  const gib = Math.round(totalmem() / 2 ** 30);
  console.log(
    `Node ${process.version}, ${availableParallelism()} cores, ${gib} GiB.\n\n| what | bytes |\n|---|---|`,
  );
  const idle = await measureIdle(10_000);
  row('an idle client connection that has sent nothing yet, of 10 000', kib(idle.fresh));
  row('an idle client connection after a request, of 10 000', kib(idle.used));
  row('the same without garbage', kib(idle.usedCollected));
  row('what is left of each when it is closed', `${idle.leftOver} B`);
  const webSockets = await measureWebSockets(1_000, 4);
  row('an open WebSocket, of 1 000', kib(webSockets.each));
  row(
    'what is left of each when it is closed, the fourth time',
    `${Math.round((webSockets.leftOver.at(-1) ?? 0) / 1_000)} B`,
  );
  const routes = await measureRoutes(5_000);
  row('5 000 routes', mib(routes.heap));
  row('a route of them that was asked for, more', kib(routes.perRouteAsked));
  row('what is left of all when they are gone', mib(routes.leftOver));
  const churn = await measureChurn({ reloads: 600, samples: 15 });
  const days = (churn.hours / 24).toFixed(1);
  row(`${churn.reloads} tables in ${days} simulated days: rise after the first third`, mib(churn.rise));
  console.log(
    `\nAs it went, in MiB: ${churn.samples.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' ')}`,
  );
}

function row(what: string, bytes: string): void {
  console.log(`| ${what} | ${bytes} |`);
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
