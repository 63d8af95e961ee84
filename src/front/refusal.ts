import type { FrontOptions } from '../model/exchange.ts';
import type { Failure } from '../model/failure.ts';
import { firstValue, type HeaderList } from '../model/header-list.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Occupant } from './occupant.ts';
import { SocketAnswer } from './socket-answer.ts';

/** What is known of a request that is refused: null where nothing is. */
export interface Seen {
  readonly method: string | null;
  readonly target: string | null;
  readonly headers: HeaderList;
}

const NOTHING: Seen = { method: null, target: null, headers: [] };

/** What a refusal is made of. */
export interface RefusalParts {
  readonly connection: Pick<ClientConnection, 'socket' | 'output' | 'peer' | 'finished'>;
  readonly failure: Failure;
  /** null: nothing of it was read. */
  readonly request: Seen | null;
  /** When its first byte was read, by `performance.now()`; 0, none: that was not seen. */
  readonly since?: number;
  readonly options: Pick<FrontOptions, 'onRejected' | 'newRequestId' | 'logger'>;
}

/**
 * The answer to a request that never becomes an exchange. The connection is closed after it: what follows a request
 * that was not understood can't be understood either (RFC 9112 section 2.2).
 */
export class Refusal implements Occupant {
  readonly #answer: SocketAnswer;

  constructor({ connection, failure, request: seen, since, options }: RefusalParts) {
    const request = seen ?? NOTHING;
    const startedAt = since || performance.now();
    const requestId = options.newRequestId();
    this.#answer = new SocketAnswer({
      socket: connection.socket,
      output: connection.output,
      method: request.method ?? '',
      minorVersion: 1,
      accept: firstValue(request.headers, 'accept'),
      isPersistent: () => false,
      written: () => connection.finished(false),
      release: () => Buffer.alloc(0),
      call: (callback) => callback(),
    });
    const bytesOut = this.#answer.fail(failure, requestId);
    const { method, target } = request;
    const userAgent = firstValue(request.headers, 'user-agent') ?? null;
    try {
      const { peer } = connection;
      options.onRejected({ failure, peer, method, target, requestId, startedAt, userAgent, bytesOut });
    } catch (error) {
      options.logger.error({ err: error }, 'a rejection could not be reported');
    }
  }

  get isAnswered(): boolean {
    return this.#answer.isEnded;
  }

  lost(): void {
    this.#answer.lost();
  }

  drained(): void {
    this.#answer.drained();
  }
}
