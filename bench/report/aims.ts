/** What the wire front was built to reach, beside what was measured. */
import type { Slot } from '../measure/slot.ts';
import { ratiosByRound, type Spread, spreadOf } from '../measure/statistics.ts';
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

/** An aim with its figure. */
export interface AimResult {
  readonly what: string;
  readonly atMost: number;
  readonly measured: Spread;
}

const BANYAN = 'banyan';

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

/** Only those whose both sides were measured. */
export function aimResults(slots: readonly Slot[]): readonly AimResult[] {
  const rounds = ({ peer, workload }: Side) =>
    cpuByRound(
      slots.filter((slot) => slot.workload === workload),
      peer,
    );
  return AIMS.flatMap(({ what, atMost, of, over }) => {
    const measured = spreadOf(ratiosByRound(rounds(of), rounds(over)));
    return measured.count === 0 ? [] : [{ what, atMost, measured }];
  });
}
