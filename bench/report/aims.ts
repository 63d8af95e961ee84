/** What the wire front was built to reach, beside what was measured. */

import type { IdleMemory } from '../idle-memory.ts';
import { dearestMatch, type MatchCost } from '../match-cost.ts';
import type { Slot } from '../measure/slot.ts';
import { ratiosByRound, spreadOf } from '../measure/statistics.ts';
import type { WorkersCost } from '../workers-cost.ts';
import { ratioText, shortNumber } from './number-text.ts';
import { cpuByRound } from './summary.ts';

/** One peer under one workload. */
interface Side {
  readonly peer: string;
  readonly workload: string;
}

/** A ratio of CPU per request and what it should not exceed. */
interface Aim {
  readonly what: string;
  readonly of: Side;
  readonly over: Side;
  readonly atMost: number;
}

/** An aim with its figure, in words. */
export interface AimResult {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** What is measured without rounds. */
interface Beside {
  readonly idle: readonly IdleMemory[];
  readonly match: MatchCost | null;
  readonly workers: WorkersCost | null;
}

const BANYAN = 'banyan';
const IDLE_KIB = 12;
const MATCH_NS = 3_000;
const WORKERS_RATIO = 1.15;
const WORKERS_LEAST_SHARE = 0.4;

function against(peer: string, title: string, workload: string, atMost: number): Aim {
  return { what: title, of: { peer: BANYAN, workload }, over: { peer, workload }, atMost };
}

const AIMS: readonly Aim[] = [
  against('haproxy', 'small GET, 64 connections: of HAProxy', 'small-64', 1.5),
  against('relay', 'small GET, 64 connections: of the bare relay', 'small-64', 1.25),
  against('caddy', 'small GET, 64 connections: of Caddy', 'small-64', 0.4),
  against('plugin', 'small GET, 64 connections: of bare @fastify/http-proxy', 'small-64', 0.25),
  against('haproxy', '10 KiB answers: of HAProxy', '10k', 1.6),
  against('haproxy', '1 MiB answers: of HAProxy', '1m', 1.6),
  against('nginx', '1 MiB answers: of nginx with its default buffering', '1m', 1),
  {
    what: '5 000 routes: of what 10 routes take',
    of: { peer: BANYAN, workload: 'routes-5000' },
    over: { peer: BANYAN, workload: 'routes-10' },
    atMost: 1.05,
  },
];

/** Only what was measured. */
export function aimResults(slots: readonly Slot[], { idle, match, workers }: Beside): readonly AimResult[] {
  const ratios = AIMS.flatMap((aim) => ratioAim(slots, aim));
  return [...ratios, ...idleAim(idle), ...matchAim(match), ...workersAims(workers)];
}

function ratioAim(slots: readonly Slot[], { what, atMost, of, over }: Aim): readonly AimResult[] {
  const rounds = ({ peer, workload }: Side) =>
    cpuByRound(
      slots.filter((slot) => slot.workload === workload),
      peer,
    );
  const measured = spreadOf(ratiosByRound(rounds(of), rounds(over)));
  if (measured.count === 0) return [];
  const reached = measured.median <= atMost;
  return [{ what: `CPU, ${what}`, aim: `≤ ${atMost} ×`, measured: ratioText(measured), reached }];
}

function idleAim(idle: readonly IdleMemory[]): readonly AimResult[] {
  const own = idle.find(({ peer }) => peer === BANYAN);
  if (own === undefined) return [];
  const kibibytes = (own.after - own.before) / own.connections / 1024;
  const reached = kibibytes <= IDLE_KIB;
  return [
    {
      what: 'memory of an idle client connection',
      aim: `≤ ${IDLE_KIB} KiB`,
      measured: `${shortNumber(kibibytes)} KiB`,
      reached,
    },
  ];
}

function matchAim(match: MatchCost | null): readonly AimResult[] {
  const nanoseconds = match === null ? null : dearestMatch(match);
  if (nanoseconds === null) return [];
  const reached = nanoseconds < MATCH_NS;
  return [
    {
      what: 'finding one of 50 000 routes',
      aim: `< ${MATCH_NS / 1_000} µs`,
      measured: `${shortNumber(nanoseconds / 1_000)} µs`,
      reached,
    },
  ];
}

function workersAims(workers: WorkersCost | null): readonly AimResult[] {
  if (workers === null) return [];
  const { ratio, connections } = workers;
  const all = connections.reduce((sum, count) => sum + count, 0);
  const shares = connections.map((count) => count / all);
  return [
    {
      what: 'CPU per request with two workers: of what one process takes',
      aim: `≤ ${WORKERS_RATIO} ×`,
      measured: ratioText(ratio),
      reached: ratio.median <= WORKERS_RATIO,
    },
    {
      what: 'connections of each of two workers',
      aim: `${WORKERS_LEAST_SHARE * 100}–${(1 - WORKERS_LEAST_SHARE) * 100} %`,
      measured: shares.map((share) => `${(share * 100).toFixed(0)} %`).join(', '),
      reached: shares.length === 2 && Math.min(...shares) >= WORKERS_LEAST_SHARE,
    },
  ];
}
