import { expect } from 'vitest';
import { Load } from '../support/load.ts';
import { startNamed } from '../support/named-backend.ts';
import { plantDns } from '../support/planted-dns.ts';
import { get } from '../support/raw-client.ts';
import { sleep } from '../support/until.ts';
import { failedIn, loadText } from './load-text.ts';
import { scenario } from './scenario.ts';

/** A poll of the name is every two seconds; a little for the answer. */
const ONE_POLL_MS = 2_500;

/**
 * A container comes back with another address, and its old one belongs to somebody else at once, who answers too: the
 * worst case, since no connection fails.
 */
scenario({
  number: '5',
  title: 'feature comes back with another address; its old one is now somebody else’s, who answers',
  aim: 'found ≤ 2 s; none to the old address after one poll',
  measure: async (trial) => {
    const dns = await plantDns();
    trial.atEnd(() => dns.stop());
    const first = await trial.backend('feature');
    const legacy = await trial.backend('legacy');
    dns.server.set('feature.test', ['127.0.0.1']);
    const proxy = await trial.start(
      {
        legacy: legacy.port,
        feature: { name: 'feature.test', port: first.port, nameServer: dns.server.address },
      },
      { nodeFlags: dns.nodeFlags },
    );
    const load = new Load(proxy.port, { clients: 8, pauseMs: 5, request: () => get('/feature') });
    await sleep(2_500);
    const next = await startNamed('next', first.port, '127.0.0.2');
    trial.atEnd(() => next.stop());
    const from = performance.now();
    dns.server.set('feature.test', ['127.0.0.2']);
    const found = next.request(0).then(() => Math.round(performance.now() - from));
    await sleep(ONE_POLL_MS);
    const before = first.requests.length;
    await sleep(2_000);
    const late = first.requests.length - before;
    const figures = await load.stop();
    return { ...figures, late, foundMs: next.requests.length > 0 ? await found : null };
  },
  text: (figures) =>
    `${loadText(figures)}; found after ${figures.foundMs === null ? '– (never)' : `${figures.foundMs} ms`}, ${figures.late} to the old address later than ${ONE_POLL_MS} ms`,
  meets: (figures) => {
    expect(failedIn(figures)).toBe(0);
    expect(figures.foundMs).not.toBe(null);
    expect(figures.foundMs).toBeLessThanOrEqual(ONE_POLL_MS);
    expect(figures.late).toBe(0);
  },
});
