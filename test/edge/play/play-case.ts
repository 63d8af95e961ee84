import { FLAG, FRAME, type Frame, PREFACE, settings } from '../../support/http2-frames.ts';
import type { ClientAct, EdgeCase, Seen, Side } from '../edge-case.ts';
import { CaseRecord, type EdgeBackend } from './edge-backend.ts';
import { EdgeClient } from './edge-client.ts';

/** What cases are played on: something that listens, and the backends that it stands before. */
export interface Stage {
  readonly port: number;
  /** Where TLS is spoken; null: nowhere. */
  readonly tlsPort: number | null;
  readonly backends: Readonly<Record<Side, EdgeBackend>>;
}

/** Nothing more is expected when nothing happened for so long after an answer, ms. */
const QUIET_MS = 60;
const WAIT_MS = 1_500;

/** Plays one case and tells what was seen. */
export async function playCase(stage: Stage, what: EdgeCase): Promise<Seen> {
  await Promise.all([stage.backends.legacy.clear(), stage.backends.feature.clear()]);
  const record = new CaseRecord(what.replies);
  stage.backends.legacy.record = record;
  stage.backends.feature.record = record;
  const steps = typeof what.send === 'string' ? [what.send] : what.send;
  const first = await converse({ stage, record, steps, what });
  const second =
    what.afterwards === undefined
      ? null
      : await converse({ stage, record, steps: [what.afterwards], what: { ...what, methods: [] } });
  return {
    requests: record.requests,
    answers: [...first.answers, ...(second?.answers ?? [])],
    rest: first.rest + (second?.rest ?? ''),
    end: first.end,
    answeredMs: first.answeredMs,
    endedMs: first.endedMs,
    tls: first.tls,
    frames: first.frames,
  };
}

interface Conversation {
  readonly stage: Stage;
  readonly record: CaseRecord;
  readonly steps: readonly (string | ClientAct)[];
  readonly what: EdgeCase;
}

async function converse({ stage, record, steps, what }: Conversation): Promise<Omit<Seen, 'requests'>> {
  const client = await connectTo(stage, what);
  if (what.frames !== undefined) client.send(Buffer.concat([PREFACE, settings(), ...what.frames]));
  const until = performance.now() + (what.waitMs ?? WAIT_MS);
  for (const step of steps) {
    if (typeof step === 'string') client.send(step);
    else if ('leave' in step) client.leave(step.leave);
    else await waitFor(step.waitFor, client, record);
  }
  while (!isSettled(client, record) && performance.now() < until) await tick();
  client.destroy();
  return client.seen();
}

async function waitFor(
  what: 'answer' | 'request' | number,
  client: EdgeClient,
  record: CaseRecord,
): Promise<void> {
  if (typeof what === 'number') return new Promise((resolve) => setTimeout(resolve, what));
  const before = client.seen().answers.length;
  const until = performance.now() + WAIT_MS;
  const isThere = (): boolean =>
    what === 'request' ? record.requests.length > 0 : client.seen().answers.length > Math.max(before - 1, 0);
  while (!isThere() && !client.isOver && performance.now() < until) await tick();
}

function isSettled(client: EdgeClient, record: CaseRecord): boolean {
  const quietMs = performance.now() - Math.max(client.touchedAt, record.touchedAt);
  if (client.isOver) return quietMs > QUIET_MS / 2;
  if (quietMs <= QUIET_MS) return false;
  const { answers, tls, frames } = client.seen();
  if (tls?.fault != null) return true;
  if (frames.length > 0) return hasAnswered(frames);
  return answers.length > 0 && answers.every(({ isWhole }) => isWhole);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** The end of a stream, a reset or a goodbye came. */
function hasAnswered(frames: readonly Frame[]): boolean {
  return frames.some(
    ({ type, flags }) =>
      type === FRAME.rstStream ||
      type === FRAME.goaway ||
      ((type === FRAME.headers || type === FRAME.data) && (flags & FLAG.endStream) !== 0),
  );
}

function connectTo({ port, tlsPort }: Stage, { tls, port: which, methods = [], frames }: EdgeCase) {
  if (tls === undefined && which !== 'tls') return EdgeClient.connect(port, methods);
  if (tlsPort === null) throw new Error('nobody speaks TLS here');
  if (tls === undefined) return EdgeClient.connect(tlsPort, methods);
  return EdgeClient.connectTls({ ...tls, port: tlsPort }, { methods, isHttp2: frames !== undefined });
}
