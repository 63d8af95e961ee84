import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PLACES } from '../../src/decide/bucket.ts';
import { decide } from '../../src/decide/decide.ts';
import { planAll } from '../../src/decide/plan-routes.ts';
import { planOf } from '../../src/decide/route-plan.ts';
import type { Canary, ClientKey, Feature, Stage } from '../../src/model/route-table.ts';
import { TrustedProxies } from '../../src/model/trusted-proxies.ts';
import { type TableSketch, tableOf } from '../support/table.ts';
import { traitsOf } from '../support/traits.ts';

const PLACE: ClientKey = { kind: 'place' };
const USER: ClientKey = { kind: 'header', name: 'x-user' };
const SESSION: ClientKey = { kind: 'cookie', name: 'sid' };
const IP: ClientKey = { kind: 'ip' };

type Headers = Readonly<Record<string, string | readonly string[]>>;

interface Ask {
  readonly method?: string;
  readonly headers?: Headers;
  readonly address?: string;
  readonly random?: () => number;
}

interface Setting extends Partial<Feature> {
  readonly name?: string;
  readonly isRolledBack?: boolean;
  readonly legacyOnly?: TableSketch['legacyOnly'];
  readonly trust?: readonly string[];
}

/** Asks a router of its own with one feature: `side reason`, the drawn place, the bucket. */
function routerOf({ name = 'orders', stage = 'canary', isRolledBack = false, ...rest }: Setting) {
  const { legacyOnly = {}, trust = [], ...feature } = rest;
  const table = tableOf([{ prefix: '/', to: name }], {
    stages: { [name]: stage },
    features: { [name]: feature },
    legacyOnly,
  });
  const plan = planOf(planAll(table, { of: () => ({ isRolledBack }) }), table.routes[0]!);
  return ({ method = 'GET', headers = {}, address = '203.0.113.9', random = () => 0 }: Ask = {}) => {
    const client = { traits: traitsOf('/', { method, headers }), peer: { address } };
    const { decision, drawn, key } = decide(plan, client, { trust: new TrustedProxies(trust), random });
    if (decision.kind === 'local') throw new Error('a feature answers by a backend');
    return { text: `${decision.side} ${decision.reason}`, side: decision.side, drawn, key };
  };
}

const canaryOf = (percent: number, ...by: ClientKey[]): Canary => ({
  shareHundredths: Math.round(percent * 100),
  by: by.length === 0 ? [PLACE] : by,
});
const cookie = (place: number) => ({ headers: { cookie: `banyan=${place}` } });
const ALL_PLACES = Array.from({ length: PLACES }, (_, place) => place);

/** The places that the feature answers. */
function placesOfFeature(percent: number, name = 'orders'): number[] {
  const ask = routerOf({ name, canary: canaryOf(percent) });
  return ALL_PLACES.filter((place) => ask(cookie(place)).side === 'feature');
}

describe('shares', () => {
  const SHARE = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  const NAME = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

  test('are exact: of all places just so many are the feature’s', () => {
    fc.assert(
      fc.property(SHARE, NAME, (percent, name) => {
        expect(placesOfFeature(percent, name).length).toBe(Math.round(percent * 100));
      }),
      { numRuns: 25 },
    );
    expect(placesOfFeature(0.01).length).toBe(1);
    expect(placesOfFeature(99.99).length).toBe(9_999);
  });

  test('raised they only add, lowered they only remove', () => {
    fc.assert(
      fc.property(SHARE, SHARE, NAME, (one, other, name) => {
        const [lower, higher] = [Math.min(one, other), Math.max(one, other)];
        const more = new Set(placesOfFeature(higher, name));
        expect(placesOfFeature(lower, name).filter((place) => !more.has(place))).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  test('values keep to that too', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), SHARE, SHARE, (value, one, other) => {
        const [lower, higher] = [Math.min(one, other), Math.max(one, other)];
        const sideAt = (percent: number) =>
          routerOf({ canary: canaryOf(percent, USER) })({ headers: { 'X-User': value } }).side;
        if (sideAt(lower) === 'feature') expect(sideAt(higher)).toBe('feature');
      }),
    );
  });

  test('two routers agree, whatever the key', () => {
    const by = [USER, SESSION, PLACE, IP];
    const [one, other] = [0, 1].map(() => routerOf({ canary: canaryOf(50, ...by) }));
    const headers = fc.record(
      { 'x-user': fc.string(), cookie: fc.nat(9_999).map((place) => `a=b; banyan=${place}`) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, fc.ipV4(), (given, address) => {
        expect(one!({ headers: given, address })).toEqual(other!({ headers: given, address }));
      }),
    );
  });

  test('at 0 % and 100 % nobody’s key matters, and no place is drawn', () => {
    const asks: Ask[] = [{}, cookie(1), { method: 'POST' }, preflight({})];
    for (const ask of asks) {
      expect(routerOf({ canary: canaryOf(0) })(ask)).toMatchObject({ text: 'legacy bucket', drawn: null });
      expect(routerOf({ canary: canaryOf(100) })(ask)).toMatchObject({ text: 'feature bucket', drawn: null });
    }
  });
});

describe('a client without a key', () => {
  const ask = routerOf({ canary: canaryOf(50) });

  test.each(['GET', 'HEAD'])('%s draws a place, and it is answered by it', (method) => {
    const inside = placesOfFeature(50);
    for (const place of [0, 1, 42, 1234, 9_999]) {
      const random = () => (place + 0.5) / PLACES;
      const side = inside.includes(place) ? 'feature' : 'legacy';
      expect(ask({ method, random })).toMatchObject({ text: `${side} bucket`, drawn: place, key: null });
    }
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PURGE', 'get'])('%s goes to legacy', (method) => {
    expect(ask({ method })).toMatchObject({ text: 'legacy no_key', drawn: null });
  });

  test('without the router’s own cookie among the keys, GET goes to legacy too', () => {
    const byUser = routerOf({ canary: canaryOf(50, USER, SESSION) });
    expect(byUser()).toMatchObject({ text: 'legacy no_key', drawn: null });
    const empty = { headers: { 'x-user': '', cookie: 'sid=' } };
    expect(byUser(empty)).toMatchObject({ text: 'legacy no_key', drawn: null });
  });

  test('junk under the cookie’s name is as good as none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (junk) => {
        fc.pre(!/^(?:0|[1-9]\d{0,3})(?:;|$)/.test(junk.trim()) && !junk.includes('banyan'));
        fc.pre(!/^\s*\d+\s*;/.test(junk));
        expect(ask({ headers: { cookie: `banyan=${junk}` } })).toEqual(ask());
        expect(ask({ method: 'POST', headers: { cookie: `banyan=${junk}` } }).text).toBe('legacy no_key');
        const both = { headers: { cookie: [`banyan=${junk}`, 'banyan=7'] } };
        expect(ask(both)).toEqual(ask(cookie(7)));
      }),
    );
  });

  test('with a place any method goes by it', () => {
    const place = placesOfFeature(50)[0]!;
    expect(ask({ ...cookie(place), method: 'POST' }).text).toBe('feature bucket');
  });
});

describe('keys', () => {
  const keyOf = (by: ClientKey[], ask: Ask, trust: string[] = []) =>
    routerOf({ canary: canaryOf(50, ...by), trust })(ask).key;

  test('the first that is there counts', () => {
    const headers = { 'X-User': 'ann', cookie: 'banyan=7; sid=s1' };
    expect(keyOf([USER, SESSION, PLACE], { headers })?.key).toBe(USER);
    expect(keyOf([SESSION, USER, PLACE], { headers })?.key).toBe(SESSION);
    expect(keyOf([PLACE, USER], { headers })).toMatchObject({ key: PLACE, place: 7 });
    expect(keyOf([USER, PLACE], { headers: { 'x-user': '', cookie: 'banyan=7' } })?.key).toBe(PLACE);
    expect(keyOf([PLACE, IP], {})?.key).toBe(IP);
  });

  test('a header counts as a whole, of a cookie the first', () => {
    const bucket = (headers: Headers, key: ClientKey) => keyOf([key], { headers })?.bucket;
    expect(bucket({ 'x-user': ['a', 'b'] }, USER)).toBe(bucket({ 'X-USER': 'a, b' }, USER));
    expect(bucket({ cookie: 'sid=a; sid=b' }, SESSION)).toBe(bucket({ cookie: 'sid=a' }, SESSION));
  });

  test('an address is the client’s own as trusted proxies tell it, an IPv6 one by its network', () => {
    const bucket = (ask: Ask, trust?: string[]) => keyOf([IP], ask, trust)?.bucket;
    const forwarded = { address: '10.0.0.1', headers: { 'x-forwarded-for': '203.0.113.9' } };
    expect(bucket(forwarded, ['10.0.0.0/8'])).toBe(bucket({ address: '203.0.113.9' }));
    expect(bucket(forwarded)).toBe(bucket({ address: '10.0.0.1' }));
    expect(bucket({ address: '2001:db8::1' })).toBe(bucket({ address: '2001:db8::ffff' }));
    expect(bucket({ address: '2001:db8::1' })).not.toBe(bucket({ address: '2001:db8:0:1::1' }));
  });
});

/** What a browser asks before a cross-origin request: no cookies, and of its headers the names alone. */
function preflight({ announces = '', ...headers }: Record<string, string>): Ask {
  const asked = { Origin: 'https://a.test', 'Access-Control-Request-Method': 'PUT', ...headers };
  const names = announces === '' ? {} : { 'Access-Control-Request-Headers': announces };
  return { method: 'OPTIONS', headers: { ...asked, ...names } };
}

describe('a CORS preflight', () => {
  test('in a canary goes to legacy below 100 %, whatever key is on it', () => {
    const ask = routerOf({ canary: canaryOf(99.99, PLACE, USER, IP) });
    expect(ask(preflight({})).text).toBe('legacy bucket');
    expect(ask(preflight({ cookie: 'banyan=1', 'x-user': 'ann' }))).toMatchObject({
      text: 'legacy bucket',
      drawn: null,
      key: null,
    });
  });

  test('that announces a tester’s header goes where the request after it will', () => {
    const testers = { cookies: [['staff', '1'] as const], headers: [['x-tester', 'yes'] as const] };
    const ask = routerOf({ canary: canaryOf(10), testers });
    expect(ask(preflight({ announces: 'content-type, X-Tester' })).text).toBe('feature tester');
    expect(ask(preflight({ announces: 'content-type' })).text).toBe('legacy bucket');
    expect(ask(preflight({ cookie: 'staff=1' })).text).toBe('legacy bucket');
  });
});

describe('testers', () => {
  const testers = {
    cookies: [['staff', '1'] as const],
    headers: [['x-tester', 'yes'] as const, ['x-name', 'Zoë'] as const],
  };
  const ask = routerOf({ canary: canaryOf(0.01), testers });

  test.each<[string, Headers, boolean]>([
    ['the cookie', { cookie: 'a=b; staff=1' }, true],
    ['the header', { 'X-Tester': 'yes' }, true],
    ['a header outside ASCII, in bytes', { 'x-name': Buffer.from('Zoë').toString('latin1') }, true],
    ['neither', {}, false],
    ['another value', { cookie: 'staff=2', 'x-tester': 'no' }, false],
    ['a second value of the cookie', { cookie: 'staff=0; staff=1' }, false],
    ['a repeated header', { 'x-tester': ['yes', 'yes'] }, false],
    ['the cookie’s name as a header', { staff: '1' }, false],
  ])('%s', (_, headers, isTester) => {
    expect(ask({ headers, method: 'POST' }).text).toBe(isTester ? 'feature tester' : 'legacy no_key');
  });

  test('in shadow too, and with a 0 % canary', () => {
    const tester = { headers: { cookie: 'staff=1' } };
    expect(routerOf({ stage: 'shadow', testers })(tester).text).toBe('feature tester');
    expect(routerOf({ stage: 'shadow', testers })().text).toBe('legacy stage');
    expect(routerOf({ canary: canaryOf(0), testers })(tester).text).toBe('feature tester');
  });

  test('get no place: they have the feature without one', () => {
    expect(ask({ headers: { cookie: 'staff=1' } }).drawn).toBeNull();
  });
});

describe('who answers, in this order', () => {
  const everything = {
    canary: canaryOf(100),
    testers: { cookies: [], headers: [['x-t', '1'] as const] },
    isRolledBack: true,
    legacyOnly: { everything: true },
  };
  const tester = { headers: { 'x-t': '1' } };
  const without = (...keys: (keyof typeof everything)[]): Setting =>
    Object.fromEntries(Object.entries(everything).filter(([key]) => !keys.some((gone) => gone === key)));

  test.each<[string, Stage, Setting, Ask, string]>([
    ['done', 'done', everything, tester, 'feature stage'],
    ['legacy_only', 'canary', everything, tester, 'legacy legacy_only'],
    ['legacy_only over stage legacy', 'legacy', everything, tester, 'legacy legacy_only'],
    ['stage legacy', 'legacy', without('legacyOnly'), tester, 'legacy stage'],
    ['a rollback over testers', 'canary', without('legacyOnly'), tester, 'legacy rollback'],
    ['a rollback over live', 'live', without('legacyOnly'), tester, 'legacy rollback'],
    ['testers', 'canary', without('legacyOnly', 'isRolledBack'), tester, 'feature tester'],
    ['live, which has no testers', 'live', without('legacyOnly', 'isRolledBack'), tester, 'feature stage'],
    ['the bucket', 'canary', without('legacyOnly', 'isRolledBack'), {}, 'feature bucket'],
  ])('%s', (_, stage, setting, ask, expected) => {
    expect(routerOf({ ...setting, stage })(ask).text).toBe(expected);
  });

  test('by name as well: of one route, or of the feature', () => {
    const place = placesOfFeature(10)[0]!;
    const ask = (legacyOnly: NonNullable<TableSketch['legacyOnly']>) =>
      routerOf({ canary: canaryOf(10), legacyOnly })(cookie(place)).text;
    expect(ask({})).toBe('feature bucket');
    expect(ask({ features: ['orders'] })).toBe('legacy legacy_only');
    expect(ask({ routes: ['route-0'] })).toBe('legacy legacy_only');
    expect(ask({ routes: ['route-1'] })).toBe('feature bucket');
  });
});
