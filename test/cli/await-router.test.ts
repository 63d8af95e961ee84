import { expect, it } from 'vitest';
import type { AdminClient } from '../../src/cli/admin-client.ts';
import { type Awaited, awaitRouter } from '../../src/cli/await-router.ts';
import type { ConfigState } from '../../src/cli/router-state.ts';
import { VerbReport } from '../../src/cli/verb-report.ts';

interface Reload {
  readonly result: string;
  readonly time: string;
}

const config = (revision: string, last: Reload = { result: 'applied', time: 'T0' }): ConfigState => ({
  revision,
  from_state: false,
  last_reload: { ...last, issues: [], text: `${last.result} for a reason` },
  legacy_only: null,
});

/** A router that says these one after the other, and the last of them for ever. Null: it does not answer. */
function clientOf(states: readonly (ConfigState | null)[]): AdminClient & { asked: string[] } {
  let turn = 0;
  const asked: string[] = [];
  return {
    url: 'http://router',
    asked,
    ask: async (path) => {
      asked.push(path);
      if (path !== '/api/config') return { routes: [], backends: [] };
      const state = states[Math.min(turn, states.length - 1)] ?? null;
      turn += asked.filter((one) => one === path).length % 2 === 0 ? 1 : 0;
      return state;
    },
  };
}

function waiting(client: AdminClient, more: Partial<Awaited> = {}) {
  const notes: string[] = [];
  const report = new VerbReport(
    { out: () => {}, err: (text) => void notes.push(text) },
    { verb: 'set', json: false },
  );
  const end = awaitRouter({
    client,
    report,
    timeoutMs: 5_000,
    before: config('old'),
    revision: 'new',
    isInForce: () => false,
    ...more,
  });
  return { end, notes };
}

it('ends once the revision is in force', async () => {
  const client = clientOf([config('old'), config('new', { result: 'applied', time: 'T1' })]);
  expect(await waiting(client).end).toMatchObject({
    kind: 'in_force',
    state: { config: { revision: 'new' } },
  });
});

it('ends once the router does what is asked, by whatever revision', async () => {
  const client = clientOf([
    config('old'),
    config('of its own environment', { result: 'applied', time: 'T1' }),
  ]);
  const isInForce: Awaited['isInForce'] = ({ config: { revision } }) => revision !== 'old';
  expect(await waiting(client, { isInForce }).end).toMatchObject({ kind: 'in_force' });
});

it('tells a rejection that is new from one that was there before', async () => {
  const rejected = config('old', { result: 'rejected', time: 'T1' });
  expect(await waiting(clientOf([config('old'), rejected])).end).toEqual({
    kind: 'rejected',
    text: 'rejected for a reason',
  });
  const before = rejected;
  const client = clientOf([rejected, config('new', { result: 'applied', time: 'T2' })]);
  expect(await waiting(client, { before }).end).toMatchObject({ kind: 'in_force' });
  const mayBe = clientOf([config('old'), rejected]);
  expect(await waiting(mayBe, { mayBeRejected: true, timeoutMs: 200 }).end).toMatchObject({ kind: 'late' });
});

it('says that it waits, looks closer only when something changed, and gives up', async () => {
  const client = clientOf([config('old')]);
  const { end, notes } = waiting(client, { timeoutMs: 1_300 });
  expect(await end).toMatchObject({ kind: 'late', config: { revision: 'old' } });
  expect(notes).toEqual(['waiting for the router at http://router: 1 s\n']);
  expect(client.asked.filter((path) => path === '/api/routes')).toHaveLength(1);
});

it('without a router there is nothing to wait for; one that goes away is waited for', async () => {
  const client = clientOf([null]);
  expect(await waiting(client, { before: null }).end).toEqual({ kind: 'no_router' });
  expect(client.asked).toEqual([]);
  expect(await waiting(client, { timeoutMs: 200 }).end).toEqual({ kind: 'late', config: null });
  const back = clientOf([null, config('new', { result: 'applied', time: 'T1' })]);
  expect(await waiting(back).end).toMatchObject({ kind: 'in_force' });
});

it('looks again when an answer is missing just then', async () => {
  const whole = clientOf([config('new', { result: 'applied', time: 'T1' })]);
  let left = 1;
  const client: AdminClient = {
    url: whole.url,
    ask: async (path) => (path === '/api/config' && left-- === 0 ? null : whole.ask(path)),
  };
  expect(await waiting(client, { timeoutMs: 1_000 }).end).toMatchObject({ kind: 'in_force' });
});
