/** What is asked of the proxies. */
import { type AnswerName, BODY_BYTES } from './backend/canned-answers.ts';
import type { LoadPlan } from './load/load-plan.ts';

/** One panel of the results. */
export interface Workload {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  /** What is counted. */
  readonly unit: 'request' | 'event' | 'message';
  readonly connections: number;
  readonly load: Omit<LoadPlan, 'port' | 'connections'>;
  /** Routes of the proxy's configuration. */
  readonly routes: number;
  /** Those of a group are measured in the same rounds. */
  readonly group: string;
}

/** All workloads ask below this prefix; it is the last route of each configuration. */
export const ASKED_PREFIX = '/api/orders';

/** The number of routes where the workload is not about routes. */
export const USUAL_ROUTES = 10;

/** What a program sends that asks an API. */
const FEW_FIELDS = `Host: shop.example
Accept: application/json
User-Agent: bench/1.0
Cookie: session=0123456789abcdef
`;

/** What a browser sends: 20 fields, a dozen cookies. */
const BROWSER_FIELDS = `Host: shop.example
Connection: keep-alive
sec-ch-ua: "Chromium";v="131", "Not_A Brand";v="24"
sec-ch-ua-mobile: ?0
sec-ch-ua-platform: "Linux"
Upgrade-Insecure-Requests: 1
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
X-Requested-With: XMLHttpRequest
Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MjEwMCIsImV4cCI6MTkwMDAwMDAwMH0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg
Sec-Fetch-Site: same-origin
Sec-Fetch-Mode: navigate
Sec-Fetch-User: ?1
Sec-Fetch-Dest: document
Referer: https://shop.example/categories/garden/chairs?page=3&sort=price
Accept-Encoding: gzip, deflate, br
Accept-Language: en-GB,en;q=0.9,de;q=0.8
If-None-Match: "5f2d-61a3c7e0b2f40"
Cache-Control: max-age=0
Cookie: session=0123456789abcdef0123456789abcdef; csrf=Zm9vYmFyYmF6cXV4; theme=dark; locale=en-GB; currency=EUR; basket=81723; consent=2024-11-02; _v=GA1.2.1234567890.1700000000; _id=.1.1700000000.; ab=17:b,19:a; last=81723,81724,81790; tz=Europe/Vienna
`;

const WEBSOCKET_FIELDS = `Host: shop.example
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==
`;

function head(requestLine: string, fields: string): string {
  return `${requestLine} HTTP/1.1\n${fields}\n`.replaceAll('\n', '\r\n');
}

function get(answer: AnswerName, fields = FEW_FIELDS): Workload['load'] {
  return {
    kind: 'requests',
    head: head(`GET ${ASKED_PREFIX}/${answer}?page=2`, fields),
    bodyBytes: 0,
    expect: { status: 200, bytes: BODY_BYTES[answer] },
  };
}

function upload(bodyBytes: number): Workload['load'] {
  const fields = `${FEW_FIELDS}Content-Type: application/octet-stream\nContent-Length: ${bodyBytes}\n`;
  return {
    kind: 'requests',
    head: head(`POST ${ASKED_PREFIX}/upload`, fields),
    bodyBytes,
    expect: { status: 200, bytes: BODY_BYTES.upload },
  };
}

const STREAM: Workload['load'] = {
  kind: 'streams',
  head: head(`GET ${ASKED_PREFIX}/events`, `${FEW_FIELDS}Accept: text/event-stream\n`),
  bodyBytes: 0,
  expect: { status: 200, bytes: 0 },
};

const WEBSOCKET: Workload['load'] = {
  kind: 'messages',
  head: head(`GET ${ASKED_PREFIX}/echo`, WEBSOCKET_FIELDS),
  bodyBytes: 0,
  expect: { status: 101, bytes: 0 },
};

function workload(id: string, title: string, more: Partial<Workload> & Pick<Workload, 'load'>): Workload {
  return { id, title, unit: 'request', connections: 64, routes: USUAL_ROUTES, group: id, ...more };
}

function routes(count: number, title: string): Workload {
  return workload(`routes-${count}`, title, { load: get('small'), routes: count, group: 'routes' });
}

/** All of them, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  workload('small-64', 'small GET, 64 connections', { load: get('small') }),
  workload('small-1', 'small GET, 1 connection', { connections: 1, load: get('small') }),
  workload('small-1000', 'small GET, 1 000 connections', { connections: 1_000, load: get('small') }),
  workload('headers', 'small GET, 20 fields and cookies', { load: get('small', BROWSER_FIELDS) }),
  workload('connect', 'a new connection per request', {
    load: { ...get('small', `${FEW_FIELDS}Connection: close\n`), kind: 'connections' },
  }),
  workload('10k', '10 KiB answers', { load: get('10k') }),
  workload('chunked', '8 KiB answers in 4 chunks', { load: get('chunked') }),
  workload('1m', '1 MiB answers', { connections: 16, load: get('1m') }),
  workload('up-1m', '1 MiB uploads', { connections: 16, load: upload(1024 * 1024) }),
  routes(10, 'small GET, 10 routes'),
  routes(1_000, 'small GET, 1 000 routes'),
  routes(5_000, 'small GET, 5 000 routes'),
  workload('streams', '500 event streams', { unit: 'event', connections: 500, load: STREAM }),
  workload('websockets', '1 000 WebSockets echoing', {
    unit: 'message',
    connections: 1_000,
    load: WEBSOCKET,
  }),
];
