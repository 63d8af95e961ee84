import { describe, expect, it } from 'vitest';
import { createWireFront } from '../../../src/front/wire/wire-front.ts';
import { seeded } from '../contract/churn.ts';
import { readBody, respond } from '../contract/front-bench.ts';
import { withFront } from '../contract/with-front.ts';
import { RAW_CASES } from './raw-cases.ts';

const TEXTS = Object.values(RAW_CASES)
  .flat()
  .filter(({ bytes }) => bytes.length < 2000);

describe('wire front: bytes in any pieces, on a socket', () => {
  const bench = withFront(createWireFront);

  /** Sends these bytes in these pieces, one packet each, then leaves; gives the status of each answer. */
  async function statuses(bytes: string, pieces: number, random: () => number): Promise<number[]> {
    const client = await bench().client();
    const cuts = Array.from({ length: pieces - 1 }, () => Math.floor(random() * bytes.length)).sort(
      (a, b) => a - b,
    );
    let from = 0;
    for (const to of [...cuts, bytes.length]) {
      client.send(bytes.slice(from, to));
      from = to;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const found: number[] = [];
    try {
      for (;;) found.push((await client.readAnswer()).status);
    } catch {
      client.destroy();
      return found;
    }
  }

  it('gives the same answers to the same requests', async () => {
    bench().use(async (exchange) => {
      const { failure, text } = await readBody(exchange);
      if (failure === null) respond(exchange, { body: `${exchange.head.target} ${text}` });
      else exchange.answer.fail(failure, 'r');
    });
    const random = seeded(7);
    const last = 'GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const draw = (): (typeof TEXTS)[number] => TEXTS[Math.floor(random() * TEXTS.length)]!;
    const runs = Array.from({ length: 150 }, async () => {
      const cases = [draw(), draw()];
      const isKept = !cases.some(({ bytes }) => bytes.includes('HTTP/1.0'));
      const bytes = cases.map((one) => one.bytes).join('') + last;
      const [whole, cut] = [await statuses(bytes, 1, random), await statuses(bytes, 12, random)];
      expect(cut, JSON.stringify(bytes)).toEqual(whole);
      if (isKept) expect(whole[0], JSON.stringify(bytes)).toBe(cases[0]!.status);
    });
    await Promise.all(runs);
    expect(bench().errors).toEqual([]);
  });
});
