/** A client of one WebSocket (RFC 6455): sends a short message, waits for its echo, checks it, sends it again. */
import type { Socket } from 'node:net';
import type { ClientSetting, LoadClient } from './load-client.ts';
import { openSocket } from './open-socket.ts';

const PAYLOAD = Buffer.from('a message of thirty-two bytes ok', 'latin1');
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const TEXT_FRAME = 0x81;
const MASKED = 0x80;
const HEAD_END = Buffer.from('\r\n\r\n');

/** A client's frame: masked, always with the same mask, since nothing here needs secrecy. */
const MESSAGE = Buffer.concat([
  Buffer.from([TEXT_FRAME, MASKED | PAYLOAD.length]),
  MASK,
  PAYLOAD.map((byte, i) => byte ^ (MASK[i % MASK.length] ?? 0)),
]);
const ECHO = Buffer.concat([Buffer.from([TEXT_FRAME, PAYLOAD.length]), PAYLOAD]);

/** Prepared when its first echo came. */
export class MessageClient implements LoadClient {
  readonly #setting: ClientSetting;
  #socket: Socket | null = null;
  #open = false;
  #held: Buffer = Buffer.alloc(0);
  #sentAt = 0;
  #waiting = false;
  #running = false;
  #idle: () => void = () => {};

  constructor(setting: ClientSetting) {
    this.#setting = setting;
  }

  prepare(): Promise<void> {
    const { plan, buffer, request } = this.#setting;
    return new Promise((resolve) => {
      this.#idle = resolve;
      this.#waiting = true;
      this.#socket = openSocket(plan.port, buffer, {
        read: (bytes) => this.#read(bytes),
        lost: (why) => this.#lost(why),
      });
      this.#socket.write(request);
    });
  }

  run(): Promise<void> {
    this.#running = true;
    return new Promise((resolve) => {
      this.#idle = resolve;
      if (this.#socket === null) resolve();
      else this.#send();
    });
  }

  stop(): void {
    this.#running = false;
  }

  close(): void {
    this.#running = false;
    if (this.#waiting) this.#lost('no echo in time');
    this.#end();
  }

  #send(): void {
    this.#waiting = true;
    this.#sentAt = performance.now();
    this.#socket?.write(MESSAGE);
  }

  #read(bytes: Buffer): void {
    if (this.#socket === null) return;
    const input = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    if (!this.#open) this.#handshake(input);
    else if (input.length < ECHO.length) this.#held = Buffer.from(input);
    else if (!input.equals(ECHO) || !this.#waiting) this.#lost('not the echo');
    else this.#echoed();
  }

  #handshake(input: Buffer): void {
    const status = Number(input.toString('latin1', 9, 12));
    if (!input.includes(HEAD_END)) this.#held = Buffer.from(input);
    else if (status !== this.#setting.plan.expect.status) this.#lost(`status ${status}`);
    else this.#opened();
  }

  #opened(): void {
    this.#open = true;
    this.#held = Buffer.alloc(0);
    this.#send();
  }

  #echoed(): void {
    this.#held = Buffer.alloc(0);
    this.#waiting = false;
    const now = performance.now();
    this.#setting.tally.answered(now, now - this.#sentAt);
    if (this.#running) this.#send();
    else this.#idle();
  }

  #lost(why: string): void {
    if (this.#socket === null) return;
    this.#waiting = false;
    this.#setting.tally.failed(why);
    this.#end();
  }

  #end(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
    this.#idle();
  }
}
