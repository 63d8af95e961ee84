import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { limitedNode } from '../faults/proxies/limited-command.ts';
import { ask, get, RawClient } from '../support/raw-client.ts';
import { TwoBackends } from '../support/two-backends.ts';
import { sleep, until, within } from '../support/until.ts';

/** Clients that open connections until the router has no file descriptor left. */

const DESCRIPTORS = 250;

it('do not change routing: what cannot be looked at counts as it was', async () => {
  const node = await limitedNode(DESCRIPTORS);
  const all = await TwoBackends.start('', { node: node.file });
  const clients: RawClient[] = [];
  try {
    const config = async (): Promise<object> =>
      (await fetch(`${all.router.adminUrl}/api/config`)).json() as Promise<object>;
    const before = await config();
    for (let i = 0; i < DESCRIPTORS; i++) clients.push(await RawClient.connect(all.router.port));
    await sleep(1_000);
    for (const client of clients) client.destroy();
    await until(
      () => config().catch(() => null),
      (seen) => seen !== null,
    );
    expect(await config()).toEqual(before);
    expect(all.router.logs().filter((line) => line['level'] === 'error')).toEqual([]);
  } finally {
    for (const client of clients) client.destroy();
    await all.stop();
    await node.remove();
  }
});

it('are refused or served, but never left hanging; when they are gone, all is as before', async () => {
  const node = await limitedNode(DESCRIPTORS);
  // Each request goes to the backend on a connection of its own.
  const all = await TwoBackends.start('', { node: node.file });
  all.legacy.use((_, reply) => {
    reply.send(200, ['Connection: close'], 'ok');
    reply.end();
  });
  const clients: RawClient[] = [];
  try {
    expect((await ask(all.router.port, get('/'))).status).toBe(200);
    const regular = await RawClient.connect(all.router.port);
    clients.push(regular);
    for (let i = 0; i < DESCRIPTORS; i++) clients.push(await RawClient.connect(all.router.port));
    const [cpuBefore, from] = [cpuSeconds(all.router.pid), performance.now()];
    await sleep(2_000);
    const share = (cpuSeconds(all.router.pid) - cpuBefore) / ((performance.now() - from) / 1_000);
    expect(share).toBeLessThan(0.5);
    regular.send(get('/'));
    const answer = await within(5_000, 'an answer', regular.readAnswer());
    expect([answer.status, answer.complete]).toEqual([503, true]);
    expect(JSON.parse(answer.text)).toMatchObject({ failure: 'over_capacity' });
    for (const client of clients) client.destroy();
    const status = (): Promise<number> =>
      ask(all.router.port, get('/')).then(
        (seen) => seen.status,
        () => 0,
      );
    await until(status, (seen) => seen === 200);
    for (let i = 0; i < 20; i++) expect(await status()).toBe(200);
  } finally {
    for (const client of clients) client.destroy();
    await all.stop();
    await node.remove();
  }
});

/** User and system time of a process so far. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
