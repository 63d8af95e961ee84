import { connect, createServer, type IncomingHttpHeaders } from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../src/model/http2/frame-reader.ts';
import { headerFrames, settingsAckFrame, settingsFrame } from '../../../src/model/http2/frame-writer.ts';
import { HpackDecoder, TABLE_BYTES } from '../../../src/model/http2/hpack-decoder.ts';
import { encodeFields, REMEMBERS_NOTHING } from '../../../src/model/http2/hpack-encoder.ts';
import { PREFACE, SessionError } from '../../../src/model/http2/http2-words.ts';
import { decodeHuffman } from '../../../src/model/http2/huffman.ts';
import { STATIC_FIELDS } from '../../../src/model/http2/static-table.ts';

function decode(decoder: HpackDecoder, ...bytes: readonly (number | string | Buffer)[]): string[] {
  const parts = bytes.map((part) => {
    if (typeof part === 'number') return Buffer.from([part]);
    return typeof part === 'string' ? Buffer.from(part, 'latin1') : part;
  });
  const fields: string[] = [];
  decoder.decode(Buffer.concat(parts), (name, value) => fields.push(name, value));
  return fields;
}

const text = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 300,
});

describe('the examples of RFC 7541', () => {
  it('C.2: each kind of field', () => {
    const literal = Buffer.from('400a637573746f6d2d6b65790d637573746f6d2d686561646572', 'hex');
    expect(decode(new HpackDecoder(), literal)).toEqual(['custom-key', 'custom-header']);
    expect(decode(new HpackDecoder(), Buffer.from('040c2f73616d706c652f70617468', 'hex'))).toEqual([
      ':path',
      '/sample/path',
    ]);
    expect(decode(new HpackDecoder(), Buffer.from('100870617373776f726406736563726574', 'hex'))).toEqual([
      'password',
      'secret',
    ]);
    expect(decode(new HpackDecoder(), 0x82)).toEqual([':method', 'GET']);
  });

  it('C.4: three requests in the Huffman code, the later ones by what the first said', () => {
    const decoder = new HpackDecoder();
    const same = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com'];
    expect(decode(decoder, Buffer.from('828684418cf1e3c2e5f23a6ba0ab90f4ff', 'hex'))).toEqual(same);
    expect(decode(decoder, Buffer.from('828684be5886a8eb10649cbf', 'hex'))).toEqual([
      ...same,
      'cache-control',
      'no-cache',
    ]);
    expect(decode(decoder, Buffer.from('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf', 'hex'))).toEqual([
      ...[':method', 'GET', ':scheme', 'https', ':path', '/index.html', ':authority', 'www.example.com'],
      ...['custom-key', 'custom-value'],
    ]);
  });

  it('the static table has 61 entries, from :authority to www-authenticate', () => {
    expect(STATIC_FIELDS.length).toBe(61);
    expect(STATIC_FIELDS[0]).toEqual({ name: ':authority', value: '' });
    expect(STATIC_FIELDS[15]).toEqual({ name: 'accept-encoding', value: 'gzip, deflate' });
    expect(STATIC_FIELDS[60]).toEqual({ name: 'www-authenticate', value: '' });
  });
});

describe('what is written is read', () => {
  it('any names and values, also with sizes beyond a byte', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 30 }), (pairs) => {
        const fields = pairs.flat();
        const block = Buffer.from(REMEMBERS_NOTHING + encodeFields(fields), 'latin1');
        expect(decode(new HpackDecoder(), block)).toEqual(fields);
      }),
    );
  });

  it('a field of 70 000 bytes', () => {
    const fields = ['x', 'v'.repeat(70_000)];
    expect(decode(new HpackDecoder(), encodeFields(fields))).toEqual(fields);
  });

  it('what is secret is never to be remembered', () => {
    for (const name of ['cookie', 'authorization', 'set-cookie'])
      expect(encodeFields([name, 'a']).charCodeAt(0) & 0xf0).toBe(0x10);
    expect(encodeFields(['accept', 'a']).charCodeAt(0) & 0xf0).toBe(0);
  });
});

describe('the table', () => {
  const keep = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([0x40, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]);

  it('forgets the oldest when it is full', () => {
    const decoder = new HpackDecoder();
    const value = 'v'.repeat(100);
    // 32 + 1 + 100 bytes each: thirty fit into 4 096.
    for (let i = 0; i < 40; i++) decode(decoder, keep(String.fromCharCode(65 + i), value));
    expect(decode(decoder, 0x80 | 62)).toEqual([String.fromCharCode(65 + 39), value]);
    expect(decode(decoder, 0x80 | (62 + 29))).toEqual([String.fromCharCode(65 + 10), value]);
    expect(() => decode(decoder, 0x80 | (62 + 30))).toThrow(SessionError);
  });

  it('forgets everything for a field that is larger than itself', () => {
    const decoder = new HpackDecoder();
    decode(decoder, keep('a', 'b'));
    decode(decoder, 0x40, 1, 'x', Buffer.from([0x7f, 0x81, 0x1f]), 'v'.repeat(4096));
    expect(() => decode(decoder, 0x80 | 62)).toThrow('stands for nothing');
  });

  it('becomes smaller at the beginning of a block alone', () => {
    const decoder = new HpackDecoder();
    decode(decoder, keep('a', 'b'));
    expect(decode(decoder, 0x20, 0x82)).toEqual([':method', 'GET']);
    expect(() => decode(decoder, 0x80 | 62)).toThrow(SessionError);
    expect(() => decode(new HpackDecoder(), 0x82, 0x20)).toThrow('in the middle');
  });
});

describe('what cannot be read ends the connection', () => {
  it.each<[string, readonly (number | string)[]]>([
    ['the index 0', [0x80]],
    ['an index beyond both tables', [0x80 | 62]],
    ['a name that is cut off', [0, 5, 'ab']],
    ['a value that is missing', [0, 1, 'a']],
    ['an integer that is cut off', [0xff]],
    ['an integer of more than 2²⁴', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a table larger than allowed', [0x3f, 0xe1, 0x1f, 0x3f, 0xe2, 0x1f]],
    ['a Huffman string with a byte of padding', [0, 0x82, 0x1f, 0xff, 0]],
    ['padding that is not all ones', [0, 0x81, 0x18, 0]],
    ['the end of the string, coded', [0, 0x84, 0xff, 0xff, 0xff, 0xff, 0]],
  ])('%s', (_what, bytes) => {
    expect(() => decode(new HpackDecoder(), ...bytes)).toThrow(SessionError);
  });

  it('any bytes are read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decode(new HpackDecoder(), Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(SessionError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('allows a table of 4 096 bytes', () => {
    expect(TABLE_BYTES).toBe(4096);
    expect(decode(new HpackDecoder(), 0x3f, 0xe1, 0x1f, 0x82)).toEqual([':method', 'GET']);
  });
});

describe('against nghttp2, as node:http2 has it', () => {
  it('its Huffman code is ours for every byte that it sends', async () => {
    const values = Array.from({ length: 224 }, (_, i) => String.fromCharCode(i + 32).repeat(40)).filter(
      (value) => !value.startsWith('\x7f'),
    );
    const blocks = await blocksOf(values);
    const decoder = new HpackDecoder();
    const seen = blocks.flatMap((block) => decode(decoder, block));
    for (const value of values.filter((one) => one.trim() === one)) expect(seen).toContain(value);
  });

  it('and it reads what we write', async () => {
    const { promise, resolve } = withResolve<IncomingHttpHeaders>();
    const server = createServer();
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 }, { endStream: true });
      resolve(headers as IncomingHttpHeaders);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    const fields = [
      ':method',
      'GET',
      ':scheme',
      'http',
      ':authority',
      'a',
      ':path',
      '/x?y',
      'cookie',
      'a=b',
      'x-long',
      'v'.repeat(20_000),
    ];
    socket.write(PREFACE, 'latin1');
    socket.write(settingsFrame([]));
    socket.write(headerFrames(1, REMEMBERS_NOTHING + encodeFields(fields), true));
    expect(await promise).toMatchObject({ ':path': '/x?y', cookie: 'a=b', 'x-long': 'v'.repeat(20_000) });
    socket.destroy();
    server.close();
  });
});

it('decodes a string of nothing', () => {
  expect(decodeHuffman(Buffer.alloc(0), 0, 0)).toBe('');
});

/** The header blocks of requests with these values, as node:http2 writes them. */
async function blocksOf(values: readonly string[]): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  const { promise, resolve } = withResolve<void>();
  const server = net.createServer((socket) => {
    let preface = 24;
    const reader = new FrameReader({
      frame({ type, payload }) {
        if (type !== 1) return;
        blocks.push(Buffer.from(payload));
        if (blocks.length === values.length) resolve();
      },
      data() {},
    });
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const skipped = Math.min(preface, bytes.length);
      preface -= skipped;
      reader.feed(bytes.subarray(skipped));
    });
    socket.write(Buffer.concat([settingsFrame([]), settingsAckFrame()]));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  for (const value of values) session.request({ 'x-value': value }).on('error', () => {});
  await promise;
  session.destroy();
  server.close();
  return blocks;
}

function withResolve<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
