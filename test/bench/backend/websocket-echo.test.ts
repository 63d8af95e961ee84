import { expect, test } from 'vitest';
import { FrameEcho, handshakeFor } from '../../../bench/backend/websocket-echo.ts';

/** A client's frame with a mask. */
function frame(text: string, opcode = 1): Buffer {
  const mask = [1, 2, 3, 4];
  const payload = [...Buffer.from(text)].map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.from([0x80 | opcode, 0x80 | payload.length, ...mask, ...payload]);
}

test('the handshake of RFC 6455 section 1.3', () => {
  const head = 'GET /echo HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  expect(handshakeFor(head)).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n');
});

test('frames come back unmasked, also when they arrive in pieces or together', () => {
  const echo = new FrameEcho();
  const sent = Buffer.concat([frame('one'), frame('two')]);
  expect(echo.echo(sent.subarray(0, 4))?.length).toBe(0);
  expect(echo.echo(sent.subarray(4))?.toString('latin1')).toBe('\x81\x03one\x81\x03two');
});

test('a Close ends it', () => {
  expect(new FrameEcho().echo(frame('', 8))).toBeNull();
});
