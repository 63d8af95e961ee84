import type { ConnectionOptions } from 'node:tls';
import { get } from '../../support/raw-client.ts';
import type { EdgeCase, EdgeClass, Rule } from '../edge-case.ts';
import { all, passes, refused, that } from '../rules.ts';

/** Class `TLS`: who gets a connection, and that what comes through one is read as strictly as without. */

/** Ciphers are not what is asked about where a version is. */
const ANY = 'DEFAULT:@SECLEVEL=0';
const V12: ConnectionOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };
const V13: ConnectionOptions = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' };
const NAMED: ConnectionOptions = { servername: 'localhost' };

const noHandshake: Rule = that('no handshake', ({ tls }) =>
  tls?.fault != null ? null : `${tls?.version} was agreed on`,
);
const closes: Rule = that('the connection is closed', ({ end }) => (end === 'open' ? 'it stays open' : null));
const nothing: Rule = that('no backend is asked', ({ requests }) =>
  requests.length === 0 ? null : 'a backend got a request',
);

/** The protocol that is agreed on; null: none by name. */
function agrees(protocol: string | null): Rule {
  return that(`ALPN says ${protocol ?? 'nothing'}`, ({ tls }) =>
    tls?.fault === null && tls.protocol === protocol ? null : (tls?.fault ?? `${tls?.protocol}`),
  );
}

function over(tls: ConnectionOptions): Pick<EdgeCase, 'tls'> {
  return { tls: { ...NAMED, ...tls } };
}

/** The class. */
export const TLS: EdgeClass = {
  name: 'TLS',
  cases: [
    {
      what: 'TLS 1.3',
      send: get('/'),
      ...over(V13),
      source: '8446',
      rule: passes({ has: { 'x-forwarded-proto': 'https' } }),
    },
    { what: 'TLS 1.2', send: get('/'), ...over(V12), source: '9325 3.1', rule: passes() },
    ...(['TLSv1', 'TLSv1.1'] as const).map((version) => ({
      what: version,
      send: '',
      ...over({ minVersion: version, maxVersion: version, ciphers: ANY }),
      source: '8996',
      rule: noHandshake,
    })),
    {
      what: 'a cipher that hides nothing',
      send: '',
      ...over({ ...V12, ciphers: 'NULL-SHA256:NULL-SHA:ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0' }),
      source: '9325 4.1',
      rule: noHandshake,
    },
    {
      what: 'a cipher without a certificate',
      send: '',
      ...over({ ...V12, ciphers: 'aNULL:@SECLEVEL=0' }),
      source: '9325 4.1',
      rule: noHandshake,
    },
    { what: 'no ALPN', send: get('/'), ...over({}), source: '7301 3.1', rule: all(agrees(null), passes()) },
    {
      what: 'ALPN http/1.1',
      send: get('/'),
      ...over({ ALPNProtocols: ['http/1.1'] }),
      source: '7301 3.2',
      rule: all(agrees('http/1.1'), passes()),
    },
    {
      what: 'ALPN h2 before http/1.1',
      send: '',
      ...over({ ALPNProtocols: ['h2', 'http/1.1'] }),
      source: '9113 3.2',
      waitMs: 200,
      rule: agrees('h2'),
    },
    {
      what: 'ALPN of nothing that is spoken here',
      send: '',
      ...over({ ALPNProtocols: ['imap'] }),
      source: '7301 3.2',
      rule: noHandshake,
    },
    {
      what: 'ALPN h2, and HTTP/1.1 all the same',
      send: get('/'),
      ...over({ ALPNProtocols: ['h2'] }),
      source: '9113 3.4',
      rule: all(nothing, closes),
    },
    {
      what: 'a client’s X-Forwarded-Proto',
      send: get('/', ['X-Forwarded-Proto: http']),
      ...over({}),
      source: 'design 4',
      stricter: 'no RFC says it; backends believe their front',
      rule: passes({ has: { 'x-forwarded-proto': 'https' } }),
    },
    {
      what: 'a length and chunked',
      send: `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${get('/hidden')}`,
      ...over({}),
      source: '9112 6.1',
      stricter: '9112 6.1 lets the length be ignored',
      rule: refused(400),
    },
    {
      what: 'no Host',
      send: 'GET / HTTP/1.1\r\n\r\n',
      ...over({}),
      source: '9112 3.2',
      rule: refused(400),
    },
    {
      what: 'a space before the colon',
      send: get('/', ['X : y']),
      ...over({}),
      source: '9112 5.1',
      rule: refused(400),
    },
    {
      what: 'a client that is cut off within a body',
      send: [
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhi',
        { waitFor: 100 },
        { leave: 'reset' },
        { waitFor: 200 },
      ],
      ...over({}),
      source: '9112 8',
      rule: that('no backend takes it for whole', ({ requests }) =>
        requests.some(({ isWhole }) => isWhole) ? 'the backend got a whole request' : null,
      ),
    },
    {
      what: 'HTTP without TLS on this port',
      send: get('/'),
      port: 'tls',
      source: '8446 5',
      rule: all(
        nothing,
        closes,
        that('at most a refusal', ({ answers }) =>
          answers.every(({ status }) => status === 400) ? null : `answered ${answers[0]?.status}`,
        ),
      ),
    },
    { what: 'what is no TLS', send: '\0'.repeat(200), port: 'tls', source: '8446 5', rule: closes },
    {
      what: 'a hello of SSL 2',
      send: `\x80\x2e\x01\0\x02\0\x15\0\0\0\x10${'\x01\0\x80'.repeat(7)}${'x'.repeat(16)}`,
      port: 'tls',
      source: '6176',
      rule: closes,
    },
    {
      what: 'a record that is too large',
      send: `\x16\x03\x01\xff\xff${'x'.repeat(70_000)}`,
      port: 'tls',
      source: '8446 5.1',
      rule: closes,
    },
    {
      what: 'a hello that stops',
      send: '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
      port: 'tls',
      source: 'design 6',
      stricter: 'no RFC sets a time',
      waitMs: 6_000,
      rule: that('closed in time', ({ endedMs }) =>
        endedMs === null
          ? 'it stays open'
          : endedMs > 4_000
            ? `after ${Math.round(endedMs / 100) / 10} s`
            : null,
      ),
    },
    {
      what: 'silence',
      send: '',
      port: 'tls',
      source: 'design 6',
      stricter: 'no RFC sets a time',
      waitMs: 6_000,
      rule: that('closed in time', ({ endedMs }) =>
        endedMs === null
          ? 'it stays open'
          : endedMs > 4_000
            ? `after ${Math.round(endedMs / 100) / 10} s`
            : null,
      ),
    },
  ],
};
