import { expect, test } from 'vitest';
import { type EndpointNews, newsLine } from '../../src/live/endpoint-news.ts';

const ENDPOINT = { backend: 'orders', address: 'fd00::1', port: 3000 };

test.each<[EndpointNews, string, string]>([
  [
    { kind: 'failing', failure: 'connect_refused', isProbed: true },
    'warn',
    'an endpoint does not accept connections: others are preferred',
  ],
  [
    { kind: 'failing', failure: 'tls', detail: 'certificate has expired', isProbed: true },
    'warn',
    'an endpoint does not accept connections: others are preferred',
  ],
  [
    { kind: 'opened', why: 'x', isProbed: true, cooldownMs: 10_000 },
    'warn',
    'an endpoint takes no more requests: it is asked for a connection every 100 ms',
  ],
  [
    { kind: 'opened', why: 'x', isProbed: false, cooldownMs: 10_000 },
    'warn',
    'an endpoint takes no more requests: one request tries it in 10 s',
  ],
  [
    { kind: 'unhealthy', why: 'it answered 503' },
    'warn',
    'an endpoint is unhealthy by its checks: it takes no more requests',
  ],
  [{ kind: 'accepting' }, 'info', 'an endpoint accepts connections again'],
  [{ kind: 'closed' }, 'info', 'an endpoint takes requests again'],
  [{ kind: 'healthy' }, 'info', 'an endpoint is healthy again by its checks'],
])('%j', (news, level, message) => {
  const line = newsLine(ENDPOINT, news);
  expect(line).toMatchObject({ level, message, fields: { backend: 'orders', endpoint: '[fd00::1]:3000' } });
});

test('why there is no TLS is said, in characters that no terminal obeys', () => {
  const why = (detail?: string) => {
    const news: EndpointNews = {
      kind: 'failing',
      failure: 'tls',
      isProbed: true,
      ...(detail === undefined ? {} : { detail }),
    };
    return newsLine(ENDPOINT, news).fields.why;
  };
  expect(why()).toBe('tls');
  expect(why('certificate has expired')).toBe('tls: certificate has expired');
  expect(
    why('80EC:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/x.c:350:\n'),
  ).toBe('tls: wrong version number');
  expect(why('\x1b[2Jgöne')).toBe('tls: ?[2Jg?ne');
  // As Node.js says it since 24.
  const advice = '; if the root CA is installed locally, try running Node.js with --use-system-ca';
  expect(why(`self-signed certificate${advice}`)).toBe('tls: self-signed certificate');
  expect(why('x'.repeat(1_000))).toHaveLength(205);
});
