/** The server's half of RFC 6455, as small as it can be: text messages, ping, close; no extensions. */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MAX_MESSAGE = 64 * 1024;
const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** Answers the handshake and gives the channel, or null when it is not one. `protocol` is chosen if offered. */
export function acceptWebSocket(req, socket, protocol) {
  const key = req.headers['sec-websocket-key'];
  if (
    req.headers.upgrade?.toLowerCase() !== 'websocket' ||
    !key ||
    req.headers['sec-websocket-version'] !== '13'
  )
    return null;
  const accept = createHash('sha1')
    .update(key + GUID)
    .digest('base64');
  const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = offered.includes(protocol) ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : '';
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}x-shop-answered-by: legacy\r\n\r\n`,
  );
  return new Channel(socket);
}

class Channel {
  #socket;
  #unread = Buffer.alloc(0);
  #fragments = [];
  #closing = false;
  onText = (_text) => {};
  onClose = () => {};

  constructor(socket) {
    this.#socket = socket;
    socket.setNoDelay?.(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => this.onClose());
  }

  send(text) {
    if (!this.#closing) this.#write(OPCODE.text, Buffer.from(text));
  }

  close(code) {
    if (this.#closing) return;
    this.#closing = true;
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.#write(OPCODE.close, payload);
    this.#socket.end();
  }

  #write(opcode, payload) {
    if (this.#socket.writable)
      this.#socket.write(Buffer.concat([frameHead(opcode, payload.length), payload]));
  }

  #read(chunk) {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (let frame = readFrame(this.#unread); frame && !this.#closing; frame = readFrame(this.#unread)) {
      if (!frame.masked) return this.close(1002);
      if (frame.length > MAX_MESSAGE) return this.close(1009);
      if (!frame.payload) return;
      this.#unread = this.#unread.subarray(frame.end);
      this.#take(frame);
    }
  }

  #take({ opcode, final, payload }) {
    if (opcode === OPCODE.close) return this.close(payload.length >= 2 ? payload.readUInt16BE(0) : 1000);
    if (opcode === OPCODE.ping) return this.#write(OPCODE.pong, payload);
    if (opcode === OPCODE.pong) return;
    this.#fragments.push(payload);
    if (this.#fragments.reduce((sum, part) => sum + part.length, 0) > MAX_MESSAGE) return this.close(1009);
    if (!final) return;
    const text = Buffer.concat(this.#fragments).toString();
    this.#fragments = [];
    this.onText(text);
  }
}

function frameHead(opcode, length) {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  if (length < 65_536) return Buffer.from([0x80 | opcode, 126, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** One frame off the front of `bytes`; null until its head is there, no payload until all of it is. */
function readFrame(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 0x7f;
  const masked = (bytes[1] & 0x80) !== 0;
  const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + lengthBytes + (masked ? 4 : 0);
  if (bytes.length < start) return null;
  const length =
    lengthBytes === 2 ? bytes.readUInt16BE(2) : lengthBytes === 8 ? Number(bytes.readBigUInt64BE(2)) : short;
  const frame = {
    opcode: bytes[0] & 0x0f,
    final: (bytes[0] & 0x80) !== 0,
    masked,
    length,
    end: start + length,
    payload: null,
  };
  if (bytes.length < frame.end) return frame;
  const mask = bytes.subarray(start - 4, start);
  frame.payload = Buffer.from(
    bytes.subarray(start, frame.end).map((byte, index) => (masked ? byte ^ mask[index % 4] : byte)),
  );
  return frame;
}
