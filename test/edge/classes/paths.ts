import { BACKENDS } from '../../match/backend-readings.ts';
import { get } from '../../support/raw-client.ts';
import type { EdgeCase, EdgeClass, Rule, SeenRequest } from '../edge-case.ts';
import { either, passes, refused, shown, that } from '../rules.ts';

/**
 * Class `paths`. `/feature` is the feature's, and its old code is still in legacy. The rule is one for all: whatever gets
 * the request must be what the path that it gets leads to, as nginx, Apache httpd, Express, WSGI and servlet containers
 * read it. A proxy may refuse, send the normal form, or send the bytes as they came, as long as that holds.
 */

const nobodyElse: Rule = that('whoever reads the path that is sent finds the same side', ({ requests }) => {
  const [request] = requests;
  return request === undefined ? null : otherReading(request);
});

/** A reading of the path that was sent that leads elsewhere; null: there is none. */
function otherReading({ side, target }: SeenRequest): string | null {
  const path = target.replace(/\?.*$/s, '');
  for (const [backend, reads] of Object.entries(BACKENDS)) {
    const read = reads(path);
    if (read === null) continue;
    const reading = /^\/feature(?:\/|$)/.test(read.replace(/;[^/]*/g, '')) ? 'feature' : 'legacy';
    if (reading !== side) return `${side} got ${shown(target)}, which ${backend} reads as ${shown(read)}`;
  }
  return null;
}

const sound: Rule = either(refused(400, 403, 404), {
  text: nobodyElse.text,
  check: (seen) => passes().check(seen) ?? nobodyElse.check(seen),
});

/** Equivalent by RFC 3986 section 6.2.2: to be the feature's. */
const EQUIVALENT = [
  '/%66eature',
  '/f%65ature/x',
  '/%66%65%61%74%75%72%65',
  '/./feature',
  '/feature/./x',
  '/x/../feature',
  '/x/%2e%2e/feature',
  '/x/%2E%2e/feature',
  '/%2e/feature',
  '/../feature',
  '/feature/x/..',
  '/a/b/../../feature/x',
];
/** And those that are legacy's. */
const AWAY = ['/feature/..', '/feature/../x', '/feature/%2e%2e/x', '/feature/./../x', '/feature/x/../../x'];

/** Read in more than one way by what is in use. */
const AMBIGUOUS = [
  '//feature',
  '/x//../feature',
  '///feature/x',
  '/feature//../x',
  '/%2ffeature',
  '/x/..%2ffeature',
  '/x%2f..%2ffeature',
  '/feature%2f..%2fx',
  '/feature%2fx',
  '/%5cfeature',
  '/x/..%5cfeature',
  '/x/..\\feature',
  '/\\feature',
  '/feature/..\\x',
  '/%2566eature',
  '/x/%252e%252e/feature',
  '/x/%252e%252e%252ffeature',
  '/feature;x',
  '/;x/feature',
  '/x/..;/feature',
  '/feature/..;/x',
  '/feature/..;x=1/y',
  '/x/.;/../feature',
  '/x/..%3b/feature',
  '/x;/../feature',
  '/feature.',
  '/feature%20',
  '/feature./x',
  '/feature%2e',
  '/x/..%20/feature',
  '/%c0%affeature',
  '/x/%c0%ae%c0%ae/feature',
  '/feature%3fx',
  '/feature\xa0',
  '/feature\x85',
];

/** Nobody may get these. */
const NEVER = ['/feature%00', '/feature%00/x', '/%u0066eature', '/feature%', '/feature%2', '/feature%zz'];

/** What clients send and no proxy may touch. */
const AS_THEY_CAME = [
  '/@scope%2fname',
  '/caf%E9',
  '/a%20b',
  '/100%25',
  '/files/..hidden',
  '/search;jsessionid=1',
  '/x/...',
  '/a/b/',
  '/?',
  '/x?a=/feature',
  '/x?../feature',
  '/featurex',
  '/x/feature',
];

function odd(path: string, stricter: string): EdgeCase {
  return { what: shown(path), send: get(path), source: 'design 3', stricter, rule: sound };
}

const SPELLINGS = '3986 6.2.2 names them equal; no RFC says what a router has to do';

/** The class. */
export const PATHS: EdgeClass = {
  name: 'paths',
  cases: [
    ...EQUIVALENT.map((path) => ({
      what: path,
      send: get(path),
      source: '3986 6.2.2, design 3',
      stricter: SPELLINGS,
      rule: either(refused(400), {
        text: `reaches the feature; ${nobodyElse.text}`,
        check: (seen) => passes({ side: 'feature' }).check(seen) ?? nobodyElse.check(seen),
      } satisfies Rule),
    })),
    ...AWAY.map((path) => ({
      what: path,
      send: get(path),
      source: '3986 6.2.2, design 3',
      stricter: SPELLINGS,
      rule: either(refused(400), {
        text: `reaches legacy; ${nobodyElse.text}`,
        check: (seen) => passes({ side: 'legacy' }).check(seen) ?? nobodyElse.check(seen),
      } satisfies Rule),
    })),
    ...AMBIGUOUS.map((path) => odd(path, 'no RFC says how applications read paths')),
    ...NEVER.map((path) => ({
      what: path,
      send: get(path),
      source: path.includes('00') ? 'design 10.8' : '3986 2.1',
      ...(path.includes('00') ? { stricter: '3986 allows it; backends cut paths there' } : {}),
      rule: refused(400, 404),
    })),
    ...AS_THEY_CAME.map((path) => ({
      what: path,
      send: get(path),
      source: '9110 7.6, design 3',
      rule: passes({ side: 'legacy', target: path }),
    })),
    {
      what: 'a query with bad triplets',
      send: get('/x?a=%zz&b=%'),
      source: 'design 10.8',
      stricter: '3986 2.1 has them wrong; clients send them',
      rule: passes({ side: 'legacy', target: '/x?a=%zz&b=%' }),
    },
    {
      what: 'the absolute form, its path read like any other',
      send: get('http://shop/x/../feature'),
      source: '9112 3.2.2, design 3',
      stricter: SPELLINGS,
      rule: sound,
    },
  ],
};
