import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, get } from '../support/raw-client.ts';
import { TwoBackends } from '../support/two-backends.ts';

let all: TwoBackends;

beforeAll(async () => {
  all = await TwoBackends.start();
});
afterAll(() => all.stop());

interface Refusals {
  readonly refusals: readonly { readonly failure: string; readonly path: string | null }[];
}

it('what was refused before a route was known is shown, counted and logged; what passed is not', async () => {
  await ask(all.router.port, get('/fine'));
  await ask(all.router.port, get('/x%2f..%2ffeature?password=hush', ['User-Agent: probe/1']));
  await ask(all.router.port, get('/', ['X : y']));
  const { refusals } = (await (await fetch(`${all.router.adminUrl}/api/refusals`)).json()) as Refusals;
  expect(refusals).toMatchObject([
    { failure: 'malformed_request', status: 400, client: '127.0.0.1' },
    { failure: 'ambiguous_path', status: 400, method: 'GET', user_agent: 'probe/1' },
  ]);
  expect(refusals[1]?.path).toMatch(/^\/x%2f\.\.%2ffeature\?password=/);
  expect(JSON.stringify(refusals)).not.toContain('hush');
  expect(await all.router.metric('banyan_rejected_requests_total', { reason: 'ambiguous_path' })).toBe(1);
  await all.router.log((line) => line['failure'] === 'ambiguous_path');
});
