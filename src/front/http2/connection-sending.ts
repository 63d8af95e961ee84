import type { Socket } from 'node:net';
import type { HeaderList } from '../../model/header-list.ts';
import { encodeFields, REMEMBERS_NOTHING } from '../../model/http2/hpack-encoder.ts';
import { FIRST_WINDOW, MOST_31_BITS, SessionError } from '../../model/http2/http2-words.ts';
import { AnswerOutput } from '../answer-output.ts';
import { StallWatch } from '../stall-watch.ts';
import { UNSENT_BYTES } from './http2-limits.ts';
import type { SendSide, SharedSending } from './send-side.ts';

/** Told of what was sent. */
export interface SendingEvents {
  dataSent(): void;
  /** The last frame of a stream is on its way. */
  sideEnded(side: SendSide): void;
}

/** What is sent on one connection, of all its streams in turn. */
export class ConnectionSending implements SharedSending {
  readonly output: AnswerOutput;
  window = FIRST_WINDOW;
  readonly #socket: Socket;
  readonly #events: SendingEvents;
  readonly #stall: StallWatch;
  readonly #waiting = new Set<SendSide>();
  #isPumping = false;
  #hasEncoded = false;

  /** `stallMs`: a client that takes nothing for so long is cut; 0: never. */
  constructor(socket: Socket, stallMs: number, events: SendingEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#stall = new StallWatch(socket, stallMs);
    this.output = new AnswerOutput(socket, { blocked: () => this.#blocked(), drained: () => this.drained() });
  }

  encode(fields: HeaderList): string {
    const block = encodeFields(fields);
    if (this.#hasEncoded) return block;
    this.#hasEncoded = true;
    return REMEMBERS_NOTHING + block;
  }

  dataSent(): void {
    this.#events.dataSent();
  }

  waits(side: SendSide): void {
    this.#waiting.add(side);
  }

  sideEnded(side: SendSide): void {
    this.#waiting.delete(side);
    this.#events.sideEnded(side);
  }

  /** Nothing more is sent on this stream. */
  forget(side: SendSide): void {
    side.stop();
    this.#waiting.delete(side);
  }

  /** The client allows so many more bytes for all streams together. @throws SessionError */
  widen(bytes: number): void {
    if (bytes === 0) throw new SessionError('PROTOCOL_ERROR', 'a window opened by nothing');
    this.window += bytes;
    if (this.window > MOST_31_BITS)
      throw new SessionError('FLOW_CONTROL_ERROR', 'a window that is too large');
    this.pump();
  }

  /** How long the client has been taking what its socket was given last, ms. */
  blockedMs(now: number): number {
    return this.#stall.blockedMs(now);
  }

  /** Sends of what waits as much as may leave: a frame of each stream in turn. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#sendRound());
    this.#isPumping = false;
  }

  /** The socket has emptied its buffer. */
  readonly drained = (): void => {
    this.output.drained();
    this.#stall.taken();
    if (this.#socket.isPaused()) this.#socket.resume();
    this.pump();
  };

  /** False: nothing moved, or nothing may leave for now. */
  #sendRound(): boolean {
    let hasMoved = false;
    for (const side of [...this.#waiting]) {
      if (this.output.isBlocked) return false;
      if (side.pump()) hasMoved = true;
      else if (!side.isWaiting) {
        this.#waiting.delete(side);
        side.drained();
        hasMoved = true;
      }
    }
    return hasMoved;
  }

  /** Who asks and asks, and does not read the answers, is not read either. */
  #blocked(): void {
    this.#stall.blocked();
    if (this.#socket.writableLength > UNSENT_BYTES) this.#socket.pause();
  }
}
