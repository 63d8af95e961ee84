import { describe, expect, it } from 'vitest';
import { renderHead, renderInterim } from '../../src/front/answer-head.ts';

const TERMS = { method: 'GET', minorVersion: 1, persistent: true } as const;

describe('renderHead', () => {
  it.each([
    ['a known length', { bodyLength: 3 }, {}, 'Content-Length: 3\r\n', 'length', true],
    ['an unknown length', { bodyLength: null }, {}, 'Transfer-Encoding: chunked\r\n', 'chunked', true],
    [
      'an unknown length in HTTP/1.0',
      { bodyLength: null },
      { minorVersion: 0 as const },
      'Connection: close\r\n',
      'close',
      false,
    ],
    [
      'a known length in HTTP/1.0',
      { bodyLength: 3 },
      { minorVersion: 0 as const },
      'Content-Length: 3\r\nConnection: keep-alive\r\n',
      'length',
      true,
    ],
    [
      'a connection that ends',
      { bodyLength: 3 },
      { persistent: false },
      'Content-Length: 3\r\nConnection: close\r\n',
      'length',
      false,
    ],
    [
      'a wrong length',
      { bodyLength: null, headers: ['Content-Length', '9'] },
      {},
      'Transfer-Encoding: chunked\r\n',
      'chunked',
      true,
    ],
    [
      'two lengths',
      { bodyLength: 3, headers: ['content-length', '3', 'Content-Length', '3'] },
      {},
      'content-length: 3\r\n',
      'length',
      true,
    ],
    [
      'HEAD',
      { bodyLength: 0, headers: ['Content-Length', '9'] },
      { method: 'HEAD' },
      'Content-Length: 9\r\n',
      'none',
      true,
    ],
    [
      '304',
      { status: 304, bodyLength: 0, headers: ['Content-Length', '9'] },
      {},
      'Content-Length: 9\r\n',
      'none',
      true,
    ],
    ['204', { status: 204, bodyLength: 0, headers: ['Content-Length', '0'] }, {}, '', 'none', true],
  ])('renders %s', (_what, head, terms, fields, framing, keeps) => {
    const rendered = renderHead(
      { status: 200, reason: 'OK', headers: [], ...head } as Parameters<typeof renderHead>[0],
      { ...TERMS, ...terms },
    );
    expect(rendered).toEqual({
      text: `HTTP/1.1 ${'status' in head ? head.status : 200} OK\r\n${fields}\r\n`,
      framing,
      keeps,
    });
  });
});

describe('renderInterim', () => {
  it('adds Connection to a 101 that holds none, and to nothing else', () => {
    expect(renderInterim(101, 'X', ['Upgrade', 'a'])).toBe(
      'HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n',
    );
    expect(renderInterim(101, 'X', ['connection', 'Upgrade'])).toBe(
      'HTTP/1.1 101 X\r\nconnection: Upgrade\r\n\r\n',
    );
    expect(renderInterim(103, '', ['A', 'b'])).toBe('HTTP/1.1 103 \r\nA: b\r\n\r\n');
  });
});
