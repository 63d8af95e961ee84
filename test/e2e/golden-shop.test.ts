import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, type RawAnswer } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';

/**
 * A customer's walk through the example monolith, twice: one instance directly, another through the router. Each step
 * must give the same answer, but for what is random or the time of day.
 */

interface Shop {
  readonly port: number;
  stop(): Promise<void>;
}

async function startShop(): Promise<Shop> {
  const folder = path.resolve(import.meta.dirname, '../../examples/shop/legacy');
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    port: Number(/:(\d+)$/.exec(line)?.[1]),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** A browser's cookies, and nothing else of a browser. */
class Walker {
  readonly #port: number;
  readonly #cookies = new Map<string, string>();

  constructor(port: number) {
    this.#port = port;
  }

  async step([method, target, lines = [], body]: Step): Promise<RawAnswer> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const fields = [
      'Host: shop.example',
      ...lines,
      ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
      ...(body === undefined ? [] : [`Content-Length: ${body.length}`]),
    ];
    const answer = await ask(
      this.#port,
      `${method} ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body ?? ''}`,
    );
    for (const field of answer.headerValues('set-cookie')) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(field)!;
      this.#cookies.set(name!, value!);
    }
    return answer;
  }
}

type Step = readonly [method: string, target: string, lines?: readonly string[], body?: string];

const FORM = ['Content-Type: application/x-www-form-urlencoded'];
const JSON_TYPE = ['Content-Type: application/json'];

const STEPS: readonly Step[] = [
  ...[
    '/',
    '/catalogue',
    '/catalogue?category=trees',
    '/products/1',
    '/products/1/picture.svg',
    '/products/9999',
    '/search?q=fig',
  ].map((target): Step => ['GET', target]),
  ['HEAD', '/'],
  ['HEAD', '/catalogue'],
  ['GET', '/static/shop.css'],
  ['GET', '/static/shop.css', ['Accept-Encoding: gzip']],
  ['GET', '/static/shop.js', ['Range: bytes=0-9']],
  ['GET', '/static/nothing.js'],
  ['GET', '/static/..%2fserver.mjs'],
  ['GET', '/downloads/prices.csv'],
  ['GET', '/downloads/sales.csv'],
  ['GET', '/account'],
  ['POST', '/login', FORM, 'name=Ada'],
  ['GET', '/account'],
  ['POST', '/cart', FORM, 'product=1&quantity=2'],
  ['GET', '/cart'],
  ['GET', '/api/cart'],
  ['PUT', '/api/cart/3', JSON_TYPE, '{"quantity":1}'],
  ['PUT', '/api/cart/3', JSON_TYPE, '{broken'],
  ['GET', '/api/cart'],
  ['GET', '/api/products'],
  ['GET', '/api/products?category=trees'],
  ['GET', '/api/products/2', ['Accept: application/json', 'If-None-Match: "x"']],
  ['GET', '/api/products/0'],
  ['GET', '/api/search?q=Fig%20tree'],
  ['GET', '/api/search/popular'],
  ['GET', '/api/orders'],
  ['GET', '/api/orders/1001'],
  ['POST', '/api/orders', JSON_TYPE, '{"customer":"Ada","lines":[[1,1]]}'],
  ['DELETE', '/api/orders/1001'],
  ['GET', '/orders'],
  ['DELETE', '/api/cart'],
  ['PATCH', '/api/cart'],
  ['OPTIONS', '/api/orders', ['Origin: http://x', 'Access-Control-Request-Method: POST']],
  ['GET', '/api/nothing'],
  ['GET', '/nothing?here'],
  ['POST', '/photos', ['Content-Type: multipart/form-data; boundary=b'], '--b\r\n\r\nx\r\n--b--\r\n'],
  ['GET', '/photos'],
  ['POST', '/logout', FORM, ''],
  ['GET', '/account'],
];

/** Times of day, random ids and signatures made of them. */
function settled(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/shop_session=[^;]+/g, 'shop_session=S')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID');
}

/** What docs/pass-through.md says that the router changes; and Date. */
const CHANGED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date']);

function fieldsOf({ headers }: RawAnswer): string[] {
  return headers.filter((_, i) => !CHANGED.has(headers[i - (i % 2)]!.toLowerCase())).map(settled);
}

let direct: Shop;
let behind: Shop;
let router: RunningRouter;

beforeAll(async () => {
  [direct, behind] = await Promise.all([startShop(), startShop()]);
  router = await startRouter(`legacy: http://127.0.0.1:${behind.port}\n`);
});

afterAll(async () => {
  await router.stop();
  await Promise.all([direct.stop(), behind.stop()]);
});

it('a walk through the shop gives the same answers directly and through the router', async () => {
  const walkers = [new Walker(direct.port), new Walker(router.port)] as const;
  for (const step of STEPS) {
    const [wanted, got] = [await walkers[0].step(step), await walkers[1].step(step)];
    const what = `${step[0]} ${step[1]}`;
    expect({ what, status: got.status, reason: got.reason }).toEqual({
      what,
      status: wanted.status,
      reason: wanted.reason,
    });
    expect({ what, fields: fieldsOf(got) }).toEqual({ what, fields: fieldsOf(wanted) });
    expect({ what, body: settled(got.text), trailers: got.trailers }).toEqual({
      what,
      body: settled(wanted.text),
      trailers: wanted.trailers,
    });
  }
});
