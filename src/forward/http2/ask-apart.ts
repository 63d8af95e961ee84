import type { Failure } from '../../model/failure.ts';
import type { AskOverHttp2, StatusTold } from '../../model/ports.ts';
import type { AnswerReceiver, Refusal } from '../backend/carrier.ts';
import { INTAKE_BYTES } from '../backend/intake.ts';
import type { ParsedHead } from '../backend/parsed-head.ts';
import { KnownTlsSettings } from '../backend/tls-settings.ts';
import { connectSession } from './connect-session.ts';
import type { Http2Session } from './session.ts';

/**
 * Questions for health checks: to where the backend's requests go and with its TLS settings, but on sessions of their own,
 * so that a check waits for nobody and nobody for a check.
 */
export function createAskApart(): AskOverHttp2 {
  const known = new KnownTlsSettings();
  const readBuffer = Buffer.allocUnsafeSlow(INTAKE_BYTES);
  return (endpoint, { backend, path, authority, userAgent, timeoutMs }, told) => {
    const scheme = endpoint.secure ? 'https' : 'http';
    const fields = [
      ...[':method', 'GET', ':scheme', scheme, ':authority', authority, ':path', path],
      ...['user-agent', userAgent, 'accept', '*/*'],
    ];
    let giveUp = (): void => {};
    const options = {
      tls: known.of(endpoint, backend),
      connectTimeoutMs: timeoutMs,
      readBuffer,
      now: () => performance.now(),
      owner: { freed() {}, leaving() {}, closed() {} },
    };
    const stop = connectSession(endpoint, options, {
      connected(made) {
        const stream = made.newStream();
        giveUp = () => {
          // The stream first: then nothing is told.
          stream.destroy();
          made.destroy();
        };
        const request = { head: '', fields, method: 'GET', upgrade: false, bodyLength: 0 };
        stream.send(request, new StatusReceiver(told, made));
      },
      failed: (failure, message) => told.failed(failure, message),
    });
    return () => {
      giveUp();
      stop();
    };
  };
}

/** How long the rest of an answer is taken once its status is known. */
const REST_MS = 100;

/** Takes the status of an answer, and lets go of its session at the end. */
class StatusReceiver implements AnswerReceiver {
  private rest: NodeJS.Timeout | undefined;
  private readonly told: StatusTold;
  private readonly session: Http2Session;

  constructor(told: StatusTold, session: Http2Session) {
    this.told = told;
    this.session = session;
  }

  head({ status }: ParsedHead): void {
    this.rest = setTimeout(() => this.session.destroy(), REST_MS).unref();
    this.told.answered(status);
  }

  end(): void {
    clearTimeout(this.rest);
    this.session.leave();
  }

  failed(failure: Failure, message: string): void {
    if (this.rest === undefined) this.told.failed(failure, message);
    this.end();
  }

  refused(_how: Refusal, message: string): void {
    this.failed('reset', message);
  }

  informational(): void {}
  chunk(): void {}
  upgraded(): void {}
  readBegins(): void {}
  readEnds(): void {}
  writable(): void {}
}
