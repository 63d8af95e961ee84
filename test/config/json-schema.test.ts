import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { routesJsonSchema } from '../../src/config/json-schema.ts';

const schema = z.fromJSONSchema(routesJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);

/** What an editor says of this text. */
function isValid(text: string): boolean {
  return schema.safeParse(parse(text)).success;
}

describe('${…} before the environment is read', () => {
  it.each([
    'legacy: ${LEGACY_URL:-http://legacy:8080}',
    'legacy: {url: http://a, max_in_flight: "${LIMIT:-5}"}',
    'legacy: {url: http://a, balance: "${BALANCE}", timeouts: {connect: "${CONNECT:-2s}"}}',
    'legacy: {url: http://a, tls: {insecure: "${INSECURE:-false}"}}',
    'legacy: a\nfeatures: {o: {url: http://o, stage: "${STAGE:-live}"}}',
    'legacy: a\nroutes: [{to: legacy, max_body: "${SIZE}", redirect: {to: /x, status: "${STATUS}"}}]',
    'legacy: a\ndebug_headers: ${DEBUG:-false}\nlegacy_only: ${LEGACY_ONLY:-false}',
    'legacy: a\nfeatures: {o: {url: http://o, canary: {share: "${SHARE}", by: [header:x, ip]}}}',
    'legacy: a\npaths: {case: "${CASE:-sensitive}", merge_slashes: "${MERGE:-true}"}',
  ])('is no mistake: %s', (text) => {
    expect(isValid(text)).toBe(true);
  });
});

describe('a mistake stays one', () => {
  it.each([
    'legacy: {url: http://a, max_in_flight: many}',
    'legacy: {url: http://a, timeouts: {connect: 2}}',
    'legacy: a\nfeatures: {o: {url: http://o, stage: livee}}',
    'legacy: a\nfeatures: "${FEATURES}"',
    'legacy: a\nroutes: "${ROUTES}"',
    'legacy: a\ndebug_headers: "on"',
    'legacy: a\nunknown: 1',
    'legacy: a\nfeatures: {o: {url: http://o, stage: shadow, shadow: {percent: 20}}}',
    'legacy: a\nfeatures: {o: {url: http://o, canary: {share: 10}}}',
    'legacy: a\nfeatures: {o: {url: http://o, canary: {share: 10%, by: user}}}',
  ])('%s', (text) => {
    expect(isValid(text)).toBe(false);
  });
});

it('a description stays on its key', () => {
  const { properties } = routesJsonSchema() as { properties: Record<string, { description?: string }> };
  expect(properties['debug_headers']?.description).toContain('x-banyan-route');
});
