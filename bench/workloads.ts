/** What is asked of the proxies. */
import { BODY_BYTES } from './backend/canned-answers.ts';
import type { LoadPlan } from './load/load-plan.ts';

/** One row of the results. */
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
  /** Measured round by round together with the others of its group. */
  readonly group: string;
}

/** What a program sends that asks an API. */
const FEW_FIELDS =
  'Host: shop.example\r\nAccept: application/json\r\nUser-Agent: bench/1.0\r\nCookie: session=0123456789abcdef\r\n';

/** Every route but one is never asked for; all workloads ask for this one. */
export const ASKED_PREFIX = '/api/orders';

/** The number of routes where the workload is not about routes. */
export const USUAL_ROUTES = 10;

function get(answer: keyof typeof BODY_BYTES, fields = FEW_FIELDS): Workload['load'] {
  return {
    kind: 'requests',
    head: `GET ${ASKED_PREFIX}/${answer}?page=2 HTTP/1.1\r\n${fields}\r\n`,
    bodyBytes: 0,
    expect: { status: 200, bytes: BODY_BYTES[answer] },
  };
}

function workload(id: string, title: string, more: Partial<Workload> & Pick<Workload, 'load'>): Workload {
  return { id, title, unit: 'request', connections: 64, routes: USUAL_ROUTES, group: id, ...more };
}

/** All of them, in the order in which they run. */
export const WORKLOADS: readonly Workload[] = [
  workload('small-64', 'small GET, 64 connections', { load: get('small') }),
  workload('small-1', 'small GET, 1 connection', { connections: 1, load: get('small') }),
  workload('small-1000', 'small GET, 1 000 connections', { connections: 1_000, load: get('small') }),
  workload('10k', '10 KiB answers', { load: get('10k') }),
];
