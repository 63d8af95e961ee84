import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { CODE, codeOf, FLAG, FRAME, getFields, headers, statusOf } from '../../support/http2-frames.ts';
import { Http2RawClient } from '../../support/http2-raw-client.ts';
import { respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';
import { createTlsFront } from '../tls/tls-wire-front.ts';

const LIMIT = 5;

describe('HTTP/2 front: as many connections as there may be', () => {
  const bench = withFront(createTlsFront, { maxConnections: LIMIT });
  const clients: Http2RawClient[] = [];

  afterEach(() => {
    for (const client of clients.splice(0)) client.destroy();
  });

  /** The front has taken up as many. */
  async function open(count: number): Promise<Http2RawClient[]> {
    const opened: Http2RawClient[] = [];
    for (let i = 0; i < count; i++) {
      const socket = connect({ port: bench().port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
      await once(socket, 'secureConnect');
      const client = Http2RawClient.over(socket);
      await client.frame(FRAME.settings);
      opened.push(client);
    }
    clients.push(...opened);
    return opened;
  }

  it('idle ones make room, with a goodbye', async () => {
    const idle = await open(LIMIT);
    const [newcomer] = await open(1);
    newcomer?.send(headers(1, getFields()));
    expect(statusOf((await newcomer?.frame(FRAME.headers, 1))!)).toBe(200);
    expect(codeOf((await idle[0]?.frame(FRAME.goaway))!)).toBe(CODE.noError);
    await idle[0]?.closed();
    expect(bench().rejections).toEqual([]);
    await expect.poll(() => bench().front.connections).toBeLessThanOrEqual(LIMIT);
  });

  it('heads that do not get done make room, and are counted', async () => {
    const slow = await open(LIMIT);
    for (const client of slow) client.send(headers(1, getFields(), FLAG.endStream));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await open(1);
    expect(codeOf((await slow[0]?.frame(FRAME.goaway))!)).toBe(CODE.enhanceYourCalm);
    expect(bench().rejections).toMatchObject([{ failure: 'over_capacity' }]);
  });

  it('those with a stream under way do not', async () => {
    bench().use(() => {});
    const busy = await open(LIMIT);
    for (const client of busy) client.send(headers(1, getFields()));
    await bench().exchange(LIMIT - 1);
    const socket = connect({ port: bench().port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
    for (const exchange of bench().exchanges) respond(exchange);
    for (const client of busy) expect(statusOf(await client.frame(FRAME.headers, 1))).toBe(200);
    expect(bench().rejections).toMatchObject([{ failure: 'over_capacity' }]);
  });
});
