import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestFields, trailerFields } from '../../../src/forward/http2/request-fields.ts';

function fieldsOf(
  headers: readonly string[],
  client: readonly string[] = [],
  secure = false,
): readonly string[] {
  return requestFields({ method: 'GET', path: '/a?b', headers }, { secure, client });
}

describe('the fields of a request over HTTP/2', () => {
  it('begin with what HTTP/1.1 says in its first line and in Host', () => {
    expect(fieldsOf(['Accept', '*/*', 'Host', 'shop.test', 'X-A', '1'], [], true)).toEqual([
      ...[':method', 'GET', ':scheme', 'https', ':authority', 'shop.test', ':path', '/a?b'],
      ...['accept', '*/*', 'x-a', '1'],
    ]);
  });

  it('keep order and duplicates, and cookies as they came', () => {
    const headers = ['Host', 'a', 'X-B', '2', 'Cookie', 'a=1; b=2', 'x-a', '1', 'X-B', '3'];
    expect(fieldsOf(headers).slice(8)).toEqual(['x-b', '2', 'cookie', 'a=1; b=2', 'x-a', '1', 'x-b', '3']);
  });

  it('say nothing of a connection', () => {
    const names = [
      'Connection',
      'Proxy-Connection',
      'Keep-Alive',
      'Transfer-Encoding',
      'Upgrade',
      'HTTP2-Settings',
      'TE',
    ];
    expect(fieldsOf(['Host', 'a', ...names.flatMap((name) => [name, 'x'])]).length).toBe(8);
  });

  it.each<[string, boolean]>([
    ['trailers', true],
    ['gzip, Trailers', true],
    ['trailers;q=0.5', true],
    ['gzip', false],
    ['trailersx', false],
    ['', false],
  ])('TE: %s', (te, isKept) => {
    const fields = fieldsOf(['Host', 'a'], ['TE', te]);
    expect(fields.slice(8)).toEqual(isKept ? ['te', 'trailers'] : []);
  });

  it('have names in lower case, whatever they were, and values untouched', () => {
    const name = fc
      .stringMatching(/^[A-Za-z0-9-]{1,12}$/)
      .filter((one) => !/^(?:host|te|upgrade|connection|keep-alive)$/i.test(one));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const fields = fieldsOf(['Host', 'a', ...pairs.flat()]).slice(8);
        expect(fields).toEqual(pairs.flatMap(([one, value]) => [one.toLowerCase(), value]));
      }),
    );
  });

  it('trailers have no capital letters either', () => {
    expect(trailerFields(['X-Sum', 'ABC'])).toEqual(['x-sum', 'ABC']);
  });
});
