import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { Peer } from '../../model/request.ts';
import type { Seen } from '../refusal.ts';
import type { ConnectionSending } from './connection-sending.ts';

/** How a request that is told as refused was answered. */
export interface Answered {
  readonly requestId: string;
  /** Of the answer's body. */
  readonly bytesOut: number;
}

/** What the streams need of their connection. */
export interface StreamsLink {
  readonly options: FrontOptions;
  readonly peer: Peer;
  readonly sending: ConnectionSending;
  /** Something that carries nothing of a request. @throws SessionError when there is too much of it */
  chatter(): void;
  reject(failure: Failure, seen: Seen, answered?: Answered): void;
  /** No stream is left. */
  emptied(): void;
}
