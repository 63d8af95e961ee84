import { describe, expect, it } from 'vitest';
import { readFailure, requestLine } from '../../src/front/client-error.ts';

function error(code: string, bytes = ''): Error & { code: string; rawPacket: Buffer } {
  return Object.assign(new Error(code), { code, rawPacket: Buffer.from(bytes, 'latin1') });
}

describe('readFailure', () => {
  it.each([
    ['HPE_INVALID_METHOD', '', true, 'malformed_request'],
    ['HPE_INVALID_EOF_STATE', '', true, null],
    ['ECONNRESET', '', true, null],
    ['ERR_HTTP_REQUEST_TIMEOUT', '', true, 'request_timeout'],
    ['HPE_HEADER_OVERFLOW', 'GET / HTTP/1.1\r\n', true, 'header_too_large'],
    ['HPE_HEADER_OVERFLOW', `GET /${'a'.repeat(20)}`, true, 'url_too_long'],
    ['HPE_HEADER_OVERFLOW', `GET /${'a'.repeat(20)}`, false, 'header_too_large'],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.2\r\n', true, 'bad_version'],
    ['HPE_INVALID_VERSION', '\r\nGET / HTTP/1.2\r\n', true, 'bad_version'],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.\r\n', true, 'malformed_request'],
    ['HPE_INVALID_VERSION', 'GET / HTTP/1.1\nHost: a\n', true, 'malformed_request'],
    ['HPE_PAUSED_H2_UPGRADE', 'PRI * HTTP/2.0', true, 'bad_version'],
  ])('reads %s after %j (first: %s) as %s', (code, bytes, isFirst, failure) => {
    expect(readFailure(error(code, bytes), { isFirst, maxUrlBytes: 16 })).toBe(failure);
  });
});

describe('requestLine', () => {
  it('is what is sure of it', () => {
    expect(requestLine(error('x', 'GET /a HTTP/9\r\nHost: b'), true)).toEqual({
      method: 'GET',
      target: '/a',
    });
    expect(requestLine(error('x', 'GET /a HTTP/9\r\nHost: b'), false)).toEqual({
      method: null,
      target: null,
    });
    expect(requestLine(error('x', '\x16\x03\x01'), true)).toEqual({ method: null, target: null });
  });
});
