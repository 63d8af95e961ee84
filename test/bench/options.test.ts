import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BESIDE, optionsFrom, PEER_IDS, UsageError, usageText } from '../../bench/options.ts';
import { allPeers } from '../../bench/peers/all-peers.ts';
import { WORKLOADS } from '../../bench/workloads.ts';
import { ROOT } from '../support/source-files.ts';

test('without options: everything', () => {
  expect(optionsFrom([])).toMatchObject({ only: null, peers: null, compare: false, at: null, out: null });
});

test('lists, numbers and the short run', () => {
  const options = optionsFrom([
    '--only',
    'small-64,10k',
    '--peers=banyan, haproxy',
    '--rounds',
    '3',
    '--quick',
  ]);
  expect(options).toMatchObject({
    only: ['small-64', '10k'],
    peers: ['banyan', 'haproxy'],
    rounds: 3,
    seconds: 0.3,
  });
});

test.each([
  ['--only', 'small-65'],
  ['--peers', 'apache'],
  ['--peers', ','],
  ['--rounds', '1.5'],
  ['--rounds', '0'],
  ['--seconds', 'ten'],
  ['--fast', 'x'],
])('%s %s is wrong usage, and named', (option, value) => {
  expect(() => optionsFrom([option, value])).toThrow(UsageError);
  expect(() => optionsFrom([option, value])).toThrow(option);
});

test('names of peers are those of the peers', () => {
  const build = { folder: ROOT, version: '' };
  expect(allPeers(ROOT, build).map(({ id }) => id)).toEqual(PEER_IDS);
});

test('help and the page name every workload and every option', () => {
  const page = readFileSync(path.join(ROOT, 'docs/performance.md'), 'utf8');
  for (const id of [...WORKLOADS.map((workload) => workload.id), ...Object.values(BESIDE)]) {
    expect(usageText()).toContain(`  ${id} `);
    expect(page, id).toContain(`\`${id}\``);
  }
  for (const option of usageText().match(/--[a-z]+/g) ?? []) expect(page, option).toContain(option);
});
