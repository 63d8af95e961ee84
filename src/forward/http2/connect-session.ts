import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Failure } from '../../model/failure.ts';
import type { Endpoint } from '../../model/ports.ts';
import { openConnection } from '../backend/connect.ts';
import type { Intake } from '../backend/intake.ts';
import type { TlsSettings } from '../backend/tls-settings.ts';
import { Http2Session, type SessionOwner } from './session.ts';

/**
 * Opens sessions: h2 over TLS by ALPN, h2c with prior knowledge (RFC 9113 sections 3.2 and 3.3). One is there when the
 * backend has sent its SETTINGS; whatever comes before that cannot have done anything, and a backend that does not
 * speak HTTP/2 is told apart from one that is down.
 */

/** What became of one try. */
export interface SessionResult {
  connected(session: Http2Session): void;
  /** `isOther`: it speaks, but no HTTP/2. */
  failed(failure: Failure, message: string, isOther: boolean): void;
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly tls: TlsSettings | null;
  readonly connectTimeoutMs: number;
  readonly readBuffer: Buffer;
  readonly now: () => number;
  /** From `connected` on. */
  readonly owner: SessionOwner;
}

/** What OpenSSL says of the alert that RFC 7301 section 3.2 asks for. */
const NO_PROTOCOL = /no application protocol|alert number 120/;

/** Starts to connect; the returned function gives up, and then neither callback is called. */
export function connectSession(
  endpoint: Endpoint,
  options: SessionOptions,
  result: SessionResult,
): () => void {
  const opening = new Opening(options, result);
  const stop = openConnection(
    endpoint,
    { ...options, protocol: 'h2' },
    {
      connected: (socket, intake) => opening.connected(socket, intake),
      failed: (failure, message) => opening.notConnected(failure, message),
    },
  );
  return () => {
    stop();
    opening.giveUp();
  };
}

/** Owns a session until it is ready. */
class Opening implements SessionOwner {
  private isOver = false;
  private session: Http2Session | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly until: number;
  private readonly options: SessionOptions;
  private readonly result: SessionResult;

  constructor(options: SessionOptions, result: SessionResult) {
    this.options = options;
    this.result = result;
    this.until = options.now() + options.connectTimeoutMs;
  }

  notConnected(failure: Failure, message: string): void {
    const isOther = failure === 'tls' && NO_PROTOCOL.test(message);
    this.fail(failure, isOther ? `it does not speak HTTP/2: ${message}` : message, isOther);
  }

  connected(socket: Socket, intake: Intake): void {
    const { tls, connectTimeoutMs, now, owner } = this.options;
    if (tls !== null && (socket as TLSSocket).alpnProtocol !== 'h2') {
      socket.on('error', () => {});
      socket.destroy();
      this.fail('tls', 'it does not speak HTTP/2: it chose no h2 (ALPN)', true);
      return;
    }
    const session = new Http2Session({ socket, intake }, this, now);
    this.session = session;
    session.onReady = () => {
      clearTimeout(this.timer);
      this.isOver = true;
      session.owner = owner;
      this.result.connected(session);
    };
    if (connectTimeoutMs > 0)
      this.timer = setTimeout(
        () => this.fail('connect_timeout', SILENT, false),
        Math.max(1, this.until - now()),
      );
  }

  giveUp(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.session?.destroy();
  }

  freed(): void {}

  leaving(): void {}

  closed(_session: Http2Session, failure: Failure, message: string): void {
    if (failure === 'bad_response') this.fail('bad_response', message, true);
    else this.fail('connect_refused', `${message} before its SETTINGS: does it speak HTTP/2?`, false);
  }

  private fail(failure: Failure, message: string, isOther: boolean): void {
    if (this.isOver) return;
    this.giveUp();
    this.result.failed(failure, message, isOther);
  }
}

const SILENT = 'no SETTINGS came in time: does it speak HTTP/2?';
