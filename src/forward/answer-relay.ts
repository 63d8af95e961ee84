import type { Socket } from 'node:net';
import { isEndless } from '../model/endless-type.ts';
import { firstValue, type HeaderList } from '../model/header-list.ts';
import type { ParsedHead } from './backend/parsed-head.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { passableTrailers } from './hop-by-hop.ts';
import { publicOrigin } from './public-origin.ts';
import {
  buildResponseHead,
  buildUpgradeHead,
  informationalFields,
  type ResponseHeadInput,
  untouchedHead,
} from './response-head.ts';
import type { RunInput } from './run-input.ts';
import { Tunnel } from './tunnel.ts';

/** A 101 with its connection, which is the receiver's from here on. */
export interface Upgraded {
  readonly head: ParsedHead;
  readonly socket: Socket;
  /** What came after the head. */
  readonly early: Buffer;
}

/** A backend's answer on its way to the client: heads as the client may see them, the rest as it came. */
export class AnswerRelay {
  /** The head is out: from here on a failure can only be shown by a cut. */
  hasBegun = false;
  /** The client was told to go on and send its body. */
  wasContinued = false;
  private input: RunInput;
  private readonly record: ExchangeRecord;

  constructor(input: RunInput, record: ExchangeRecord) {
    this.input = input;
    this.record = record;
  }

  /** From here on the answer is another side's. */
  turnTo(input: RunInput): void {
    this.input = input;
  }

  /** 100 goes out once, whoever says it first: backend or router. */
  informational(status: number, reason: string, headers: HeaderList): void {
    if (status === 100) {
      if (this.wasContinued) return;
      this.wasContinued = this.input.exchange.expectsContinue;
    }
    this.input.exchange.answer.informational(status, reason, informationalFields(headers));
  }

  head(head: ParsedHead, headMs: number): void {
    this.begin(head, headMs);
    this.record.isEventStream = isEndless(head.fields.contentType);
    const untouched = untouchedHead(head, this.input);
    this.input.exchange.answer.head(untouched ?? buildResponseHead(head, this.responseHeadInput()));
  }

  /** False: no more until the client has taken some. */
  chunk(bytes: Buffer): boolean {
    this.record.bytesOut += bytes.length;
    return this.input.exchange.answer.chunk(bytes);
  }

  end(trailers: HeaderList): void {
    this.input.exchange.answer.end(passableTrailers(trailers));
  }

  /** The tunnel between both ends, not started yet. `onClose`: both are gone. */
  switchProtocols(answer: Upgraded, headMs: number, onClose: () => void): Tunnel {
    this.begin(answer.head, headMs);
    this.record.isUpgraded = true;
    const head = buildUpgradeHead(answer.head, this.responseHeadInput());
    const client = this.input.exchange.answer.switchProtocols(head);
    const isWebSocket = firstValue(answer.head.headers, 'upgrade')?.toLowerCase() === 'websocket';
    return new Tunnel(client, answer, { isWebSocket, onClose });
  }

  private begin(head: ParsedHead, headMs: number): void {
    this.hasBegun = true;
    this.record.status = head.status;
    this.record.failure = null;
    this.record.backendMs = headMs;
  }

  private responseHeadInput(): ResponseHeadInput {
    const { decision, matched, exchange, trust, debug, setCookie } = this.input;
    const isTrusted = trust.contains(exchange.peer.address);
    const { fallback } = this.record;
    return { decision, matched, publicOrigin: publicOrigin(exchange, isTrusted), debug, fallback, setCookie };
  }
}
