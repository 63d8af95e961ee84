import net from 'node:net';
import type { ClientAct, EdgeCase, Seen, Side } from '../edge-case.ts';
import { CaseRecord, type EdgeBackend } from './edge-backend.ts';
import { readAnswers } from './read-answers.ts';

/** What cases are played on: something that listens, and the backends that it stands before. */
export interface Stage {
  readonly port: number;
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
  };
}

interface Conversation {
  readonly stage: Stage;
  readonly record: CaseRecord;
  readonly steps: readonly (string | ClientAct)[];
  readonly what: EdgeCase;
}

async function converse({ stage, record, steps, what }: Conversation): Promise<Omit<Seen, 'requests'>> {
  const client = await EdgeClient.connect(stage.port, what.methods ?? []);
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
  const { answers } = client.seen();
  return quietMs > QUIET_MS && answers.length > 0 && answers.every(({ isWhole }) => isWhole);
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** A client that keeps all that comes. */
class EdgeClient {
  touchedAt = performance.now();
  readonly #socket: net.Socket;
  readonly #methods: readonly string[];
  readonly #since = performance.now();
  #pieces: string[] = [];
  #text = '';
  #end: Seen['end'] = 'open';
  #answeredMs: number | null = null;
  #endedMs: number | null = null;

  private constructor(socket: net.Socket, methods: readonly string[]) {
    this.#socket = socket;
    this.#methods = methods;
    socket.on('data', (bytes: Buffer) => {
      this.touchedAt = performance.now();
      this.#answeredMs ??= performance.now() - this.#since;
      this.#pieces.push(bytes.toString('latin1'));
    });
    socket.on('end', () => this.#over('end'));
    socket.on('error', () => this.#over('reset'));
    socket.on('close', () => this.#over('reset'));
  }

  static connect(port: number, methods: readonly string[]): Promise<EdgeClient> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new EdgeClient(socket, methods));
      });
    });
  }

  get isOver(): boolean {
    return this.#end !== 'open';
  }

  send(bytes: string): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes, 'latin1');
    this.touchedAt = performance.now();
  }

  leave(how: 'end' | 'reset'): void {
    if (how === 'end') this.#socket.end();
    else this.#socket.resetAndDestroy();
  }

  seen(): Omit<Seen, 'requests'> {
    if (this.#pieces.length > 0) this.#text += this.#pieces.splice(0).join('');
    const read = readAnswers(this.#text, { methods: this.#methods, isOver: this.#end === 'end' });
    return { ...read, end: this.#end, answeredMs: this.#answeredMs, endedMs: this.#endedMs };
  }

  destroy(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.on('error', () => {});
    this.#socket.destroy();
  }

  #over(how: 'end' | 'reset'): void {
    if (this.#end !== 'open') return;
    this.#end = how;
    this.#endedMs = performance.now() - this.#since;
    this.touchedAt = performance.now();
  }
}
