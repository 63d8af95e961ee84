import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerError, AnswerParser } from '../../../src/forward/backend/answer-parser.ts';
import type { ParsedHead } from '../../../src/forward/backend/parsed-head.ts';

interface Read {
  readonly informational: number[];
  readonly head: ParsedHead | null;
  readonly body: string;
  readonly trailers: readonly string[] | null;
  readonly left: string;
  readonly error: string | null;
}

/** Feeds pieces to a parser, then the end of the connection, and writes down what it tells. */
function read(
  pieces: readonly Buffer[],
  request: { method?: string; upgrade?: boolean; close?: boolean } = {},
): Read {
  const informational: number[] = [];
  let head: ParsedHead | null = null;
  let body = '';
  let trailers: readonly string[] | null = null;
  let left = '';
  let error: string | null = null;
  const parser = new AnswerParser({
    informational: (status) => informational.push(status),
    head: (parsed) => {
      head = parsed;
    },
    chunk: (bytes) => {
      body += bytes.toString('latin1');
    },
    end: (fields) => {
      trailers = fields;
    },
  });
  parser.begin(request.method ?? 'GET', (request.upgrade ?? false) ? 'other/1, WebSocket' : null);
  try {
    for (const piece of pieces) {
      const taken = left === '' ? parser.feed(piece) : 0;
      left += piece.subarray(taken).toString('latin1');
    }
    if (request.close) parser.finish();
  } catch (thrown) {
    if (!(thrown instanceof AnswerError)) throw thrown;
    error = thrown.message;
  }
  return { informational, head, body, trailers, left, error };
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const answer = (text: string, request?: Parameters<typeof read>[1]): Read => read([bytes(text)], request);

describe('an answer is read as RFC 9112 says', () => {
  it('by Content-Length, and leaves what follows alone', () => {
    const got = answer('HTTP/1.1 200 OK\r\nX-a:  b \r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n');
    expect(got.body).toBe('hello');
    expect(got.head?.headers).toEqual(['X-a', 'b', 'Content-Length', '5']);
    expect(got.trailers).toEqual([]);
    expect(got.left).toBe('HTTP/1.1 200 OK\r\n');
  });

  it('in chunks, with extensions and trailers', () => {
    const got = answer(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;a="b"\r\nhello\r\n001\r\n!\r\n0\r\nT: 1\r\nT: 2\r\n\r\n',
    );
    expect(got.body).toBe('hello!');
    expect(got.trailers).toEqual(['T', '1', 'T', '2']);
    expect(got.head?.bodyLength).toBeNull();
  });

  it('until the connection closes, when nothing else says where it ends', () => {
    const got = answer('HTTP/1.0 200 OK\r\nA: 1\r\n\r\nall of it', { close: true });
    expect(got.body).toBe('all of it');
    expect(got.trailers).toEqual([]);
    expect(got.head?.keepAlive).toBe(false);
  });

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n'],
  ])('without a body: %s %j', (method, text) => {
    const got = answer(`${text}rest`, { method });
    expect(got.trailers).toEqual([]);
    expect(got.body).toBe('');
    expect(got.left).toBe('rest');
  });

  it('with informational answers before it', () => {
    const got = answer(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    );
    expect(got.informational).toEqual([103, 100]);
    expect(got.trailers).toEqual([]);
  });

  it('101 that was asked for: the rest is not the parser’s', () => {
    const got = answer('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00', {
      upgrade: true,
    });
    expect(got.head?.status).toBe(101);
    expect(got.left).toBe('\x81\x00');
  });

  it.each([
    ['one of them', 'Upgrade: websocket', null],
    ['one in other case', 'Upgrade: OTHER/1', null],
    ['layers, one of them offered', 'Upgrade: other/1, HTTP/1.1', null],
    ['another', 'Upgrade: h2c', '101 for a protocol that was not offered'],
    ['another version', 'Upgrade: other/2', '101 for a protocol that was not offered'],
    ['nothing', 'X: y', '101 for a protocol that was not offered'],
  ])('101 that switches to %s', (_what, line, error) => {
    expect(answer(`HTTP/1.1 101 x\r\n${line}\r\n\r\n`, { upgrade: true }).error).toBe(error);
  });

  it('with a reason phrase of its own, of any bytes, or none', () => {
    expect(answer('HTTP/1.1 200 T\xe4st\r\nContent-Length: 0\r\n\r\n').head?.reason).toBe('T\xe4st');
    expect(answer('HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n').head?.reason).toBe('');
    expect(answer('HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n').head?.status).toBe(299);
  });
});

describe('an answer that breaks the grammar, or has two readings, is an error', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['an HTTP/2 status line', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['status below 100', 'HTTP/1.1 099 x\r\n\r\n'],
    ['status above 599', 'HTTP/1.1 600 x\r\n\r\n'],
    ['status of two digits', 'HTTP/1.1 20 x\r\n\r\n'],
    ['an empty line first', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a bare LF among the fields', 'HTTP/1.1 200 OK\r\nA: 1\nB: 2\r\n\r\n'],
    ['a bare CR in a value', 'HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n\r\n'],
    ['NUL in a value', 'HTTP/1.1 200 OK\r\nA: 1\x00\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: 1\r\n b\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nA\r\n\r\n'],
    ['an empty name', 'HTTP/1.1 200 OK\r\n: x\r\n\r\n'],
    ['a name with a space', 'HTTP/1.1 200 OK\r\nA b: x\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na'],
    ['a signed length', 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na'],
    ['a length beyond all bounds', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na'],
    ['a length beside chunked', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['another coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a chunk size that is no number', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'],
    ['an empty chunk size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
    ['a chunk size in 0x form', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n'],
    ['a chunk size ended by LF', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n'],
    [
      'a chunk size of 17 digits',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000005\r\n',
    ],
    ['a chunk size past 2^53', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n'],
    ['an endless chunk line', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;${'a'.repeat(2000)}`],
    ['a chunk longer than its size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloo\r\n'],
    ['a malformed trailer', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nbad trailer\r\n\r\n'],
    ['101 not asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'],
    ['a flood of informational answers', 'HTTP/1.1 103 x\r\n\r\n'.repeat(40)],
    ['a megabyte of head', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(1 << 20)}`],
    ['too many fields', `HTTP/1.1 200 OK\r\n${'A: 1\r\n'.repeat(1001)}\r\n`],
  ])('%s', (_what, text) => {
    expect(answer(text).error).not.toBeNull();
  });

  it.each([
    ['before the head', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\nA'],
    ['in a counted body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'],
    ['before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
    ['in the trailers', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n'],
  ])('a connection that closes %s', (_where, text) => {
    const got = answer(text, { close: true });
    expect(got.error).toMatch(/middle of an answer/);
    expect(got.trailers).toBeNull();
  });
});

it('white space before a colon is removed, as RFC 9112 section 5.1 asks of a proxy', () => {
  expect(answer('HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n').head?.headers).toEqual([
    'Content-Length',
    '0',
  ]);
});

describe('however the bytes are cut into pieces', () => {
  const field = fc.tuple(fc.stringMatching(/^[A-Za-z-]{1,8}$/), fc.stringMatching(/^[!-~]{0,10}$/));
  const text = fc
    .record({
      informational: fc.nat(2),
      fields: fc.array(field, { maxLength: 5 }),
      chunks: fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), { maxLength: 6 }),
      chunked: fc.boolean(),
    })
    .map(({ informational, fields, chunks, chunked }) => {
      const lines = fields.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
      const body = chunks.join('');
      const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
      const head = [
        'HTTP/1.1 200 OK',
        ...lines.map(([name, value]) => `${name}: ${value}`),
        framing,
        '',
        '',
      ].join('\r\n');
      const coded = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');
      return `${'HTTP/1.1 102 x\r\n\r\n'.repeat(informational)}${head}${chunked ? `${coded}0\r\nT: 1\r\n\r\n` : body}`;
    });

  it('the same answer is read', () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(400), { maxLength: 20 }), (whole, cuts) => {
        const all = bytes(whole);
        const points = [...new Set([0, ...cuts.filter((cut) => cut < all.length), all.length])].sort(
          (a, b) => a - b,
        );
        const pieces = points.slice(1).map((point, i) => all.subarray(points[i], point));
        expect(read(pieces)).toEqual(read([all]));
        expect(read([all]).trailers).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('arbitrary bytes never do worse than an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (pieces) => {
        read([bytes('HTTP/1.1 200 OK\r\n'), ...pieces.map((piece) => Buffer.from(piece))], { close: true });
      }),
      { numRuns: 500 },
    );
  });
});
