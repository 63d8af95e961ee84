import type { Socket } from 'node:net';
import type { Failure } from '../../model/failure.ts';
import type { HeaderList } from '../../model/header-list.ts';
import type { AnswerEvents } from './answer-parser.ts';
import type { ParsedHead } from './parsed-head.ts';

/**
 * What carries one exchange to an endpoint: a connection of HTTP/1.1, or a stream of HTTP/2. An attempt knows no more of
 * either than this.
 */

/** A request as it is sent, less its body. */
export interface SentRequest {
  /** For HTTP/1.1: its head with the empty line, latin1. */
  readonly head: string;
  /** For HTTP/2: its fields, pseudo-header fields first; null for HTTP/1.1. */
  readonly fields: HeaderList | null;
  readonly method: string;
  readonly upgrade: boolean;
  /** null: not known before its end; 0: none. Unless it is 0, `bodyChunk` and `bodyEnd` follow. */
  readonly bodyLength: number | null;
}

/** Takes the answer of one exchange. After `end`, `upgraded`, `failed` or `refused` nothing more comes. */
export interface AnswerReceiver extends AnswerEvents {
  /** What is told from here to `readEnds` was read at once. */
  readBegins(): void;
  /** Also after the answer's end. */
  readEnds(): void;
  /** 101: the connection is the receiver's from here on, with what had already come after the head. */
  upgraded(head: ParsedHead, socket: Socket, early: Buffer): void;
  /** `reset`, or `bad_response` with what was wrong. `answered`: at least one byte of the answer had come. */
  failed(failure: Failure, message: string, answered: boolean): void;
  /** The backend says that it has not begun with the request: only HTTP/2 has words for that. */
  refused(how: Refusal, message: string): void;
  /** The backend takes more of the request's body again. */
  writable(): void;
}

/**
 * How a request was handed back: `leaving` with its connection, which the backend gives up for reasons of its own;
 * `overloaded`, or whatever else makes it refuse one stream.
 */
export type Refusal = 'leaving' | 'overloaded';

/** Carries one exchange at a time. */
export interface Carrier {
  /** Exchanges that its connection was used for, this one included; above 1 it may turn out to have been closed. */
  readonly uses: number;
  /** Begins an exchange. */
  send(request: SentRequest, receiver: AnswerReceiver): void;
  /**
   * A piece of the body. False: wait for `writable`. The bytes are the caller's again when it returns; but if it returns
   * false, those of more than COPIED_BYTES only at `writable`, or when the exchange was ended.
   */
  bodyChunk(bytes: Buffer): boolean;
  /** The request is whole. Called for requests with a body only. */
  bodyEnd(trailers: HeaderList): void;
  pause(): void;
  resume(): void;
  /** Ends the exchange at once, whatever is going on; the receiver hears nothing more. */
  destroy(): void;
}
