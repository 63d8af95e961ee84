import { describe, expect, test } from 'vitest';
import { keepsConnection, parseLength } from '../../src/model/message-framing.ts';

describe('parseLength', () => {
  test.each([
    ['0', 0],
    ['00012', 12],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s', (text, length) => {
    expect(parseLength(text)).toBe(length);
  });

  test.each([
    '',
    '-1',
    '+1',
    '1.0',
    '0x10',
    '1e3',
    '1,1',
    ' 1',
    '1 ',
    '٣',
    '9007199254740992',
    '1'.repeat(17),
  ])('refuses "%s"', (text) => {
    expect(parseLength(text)).toBeNull();
  });
});

describe('keepsConnection', () => {
  test.each([
    [1, [], true],
    [1, ['Connection', 'close'], false],
    [1, ['connection', 'X-Y, CLOSE'], false],
    [1, ['Connection', 'keep-alive', 'Connection', 'close'], false],
    [0, [], false],
    [0, ['Connection', 'Keep-Alive'], true],
    [0, ['Connection', 'keep-alive, close'], false],
  ] as const)('HTTP/1.%i with %j: %s', (minorVersion, headers, keeps) => {
    expect(keepsConnection({ minorVersion, headers })).toBe(keeps);
  });
});
