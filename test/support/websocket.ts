import { createHash, randomBytes } from 'node:crypto';
import type { ByteReader } from './byte-reader.ts';
import type { RawReply, RawRequest } from './raw-backend.ts';
import type { Address, RawAnswer } from './raw-client.ts';
import { RawClient } from './raw-client.ts';

/** WebSocket bytes (RFC 6455) by hand, for what a library hides: frame boundaries, half closes, early bytes. */

/** One frame as it was on the wire, unmasked. */
export interface Frame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly isMasked: boolean;
  readonly payload: Buffer;
}

export const OPCODE = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The bytes of a frame; clients mask. */
export function frameBytes(opcode: number, payload: Buffer | string, { mask = false } = {}): Buffer {
  const bytes = Buffer.from(payload);
  const head = [0x80 | opcode, ...lengthBytes(bytes.length)];
  head[1] = head[1]! | (mask ? 0x80 : 0);
  if (!mask) return Buffer.concat([Buffer.from(head), bytes]);
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(head), key, bytes.map((byte, i) => byte ^ key[i % 4]!)]);
}

function lengthBytes(length: number): number[] {
  if (length < 126) return [length];
  if (length < 65_536) return [126, length >> 8, length & 255];
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(length));
  return [127, ...long];
}

/** Reads one frame. @throws ClosedEarly when the connection ends before it does. */
export async function readFrame(reader: ByteReader): Promise<Frame> {
  const head = await reader.exactly(2);
  let length = head[1]! & 127;
  if (length === 126) length = (await reader.exactly(2)).readUInt16BE();
  else if (length === 127) length = Number((await reader.exactly(8)).readBigUInt64BE());
  const isMasked = (head[1]! & 128) !== 0;
  const key = isMasked ? await reader.exactly(4) : null;
  const payload = await reader.exactly(length);
  return {
    opcode: head[0]! & 15,
    isFinal: (head[0]! & 128) !== 0,
    isMasked,
    payload: key === null ? payload : Buffer.from(payload.map((byte, i) => byte ^ key[i % 4]!)),
  };
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The bytes of a handshake request. */
export function handshake(target = '/ws', lines: readonly string[] = []): string {
  const fields = [
    ...['Host: shop', 'Connection: Upgrade', 'Upgrade: websocket'],
    ...[`Sec-WebSocket-Key: ${KEY}`, 'Sec-WebSocket-Version: 13'],
    ...lines,
  ];
  return `GET ${target} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
}

/** Accepts a handshake as a server: the connection is the script's from here on. */
export function acceptHandshake(request: RawRequest, reply: RawReply, lines: readonly string[] = []): void {
  const key = request.header('sec-websocket-key') ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`, ...lines];
  reply.takeOver();
  reply.write(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n`);
}

/** Accepts, then sends every frame back unmasked, until a Close comes: it is answered, and the connection ended. */
export async function echoFrames(request: RawRequest, reply: RawReply): Promise<void> {
  acceptHandshake(request, reply);
  for (;;) {
    const frame = await readFrame(reply.reader);
    reply.write(frameBytes(frame.opcode, frame.payload));
    if (frame.opcode === OPCODE.close) return reply.end();
  }
}

/** A raw client whose handshake was accepted. */
export class RawWebSocket {
  readonly client: RawClient;
  readonly answer: RawAnswer;

  private constructor(client: RawClient, answer: RawAnswer) {
    this.client = client;
    this.answer = answer;
  }

  /** @throws when the answer is not 101. */
  static async open(address: Address, target = '/ws', lines: readonly string[] = []): Promise<RawWebSocket> {
    const client = await RawClient.connect(address);
    client.send(handshake(target, lines));
    const answer = await client.readAnswer();
    if (answer.status !== 101) throw new Error(`the handshake was answered ${answer.status}`);
    return new RawWebSocket(client, answer);
  }

  send(payload: Buffer | string, opcode: number = OPCODE.text): boolean {
    return this.client.send(frameBytes(opcode, payload, { mask: true }));
  }

  read(): Promise<Frame> {
    return readFrame(this.client.reader);
  }

  /** Sends a message and gives what came back for it. */
  async echo(text: string): Promise<string> {
    this.send(text);
    return (await this.read()).payload.toString();
  }

  destroy(): void {
    this.client.destroy();
  }
}
