import type { FrontOptions } from '../../model/exchange.ts';
import type { Failure } from '../../model/failure.ts';
import type { Peer } from '../../model/request.ts';
import type { Seen } from '../refusal.ts';
import type { ConnectionSending } from './connection-sending.ts';

/** What the streams need of their connection. */
export interface StreamsLink {
  readonly options: FrontOptions;
  readonly peer: Peer;
  readonly sending: ConnectionSending;
  /** Something that carries nothing of a request. @throws SessionError when there is too much of it */
  chatter(): void;
  reject(failure: Failure, seen: Seen, requestId?: string): void;
  /** No stream is left. */
  emptied(): void;
}
