/** docs/access-log.md against what is written. */
import { expect, it } from 'vitest';
import type { LogFormat } from '../../src/model/log-format.ts';
import { isSecretName } from '../../src/model/mask-secrets.ts';
import { createAccessLog } from '../../src/observe/access-log.ts';
import { codeBlocksOf, pageAt } from '../support/markdown.ts';
import { tableOf } from '../support/table.ts';
import { decisionOf, outcomeOf } from './samples.ts';

const page = pageAt('docs/access-log.md');
const [json, pretty, combined] = codeBlocksOf(page).map(({ text }) => text);

function lineIn(format: LogFormat): string {
  let written = '';
  const write = (line: string) => {
    written += line;
  };
  const sink = { write, droppedLines: () => 0, flush: async () => true };
  const table = tableOf([{ name: 'orders', to: 'orders' }]);
  const decision = decisionOf(table, 'orders');
  createAccessLog({ sink, format, level: 'info' }).finished(outcomeOf(decision, { durationMs: 20.123 }));
  return written;
}

it('shows the lines that are written', () => {
  expect(lineIn('json')).toBe(json);
  expect(lineIn('combined')).toBe(combined);
  // Local time: the hour is the machine's.
  expect(lineIn('pretty').slice(3)).toBe(pretty?.slice(3));
});

it('has every key, in order', () => {
  const keys = [...page.text.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
  expect(keys).toEqual(Object.keys(JSON.parse(lineIn('json'))));
});

it('names only parts of names that are masked', () => {
  const [, paragraph = ''] = /(The value of a query parameter[\s\S]*?)\n\n/.exec(page.text) ?? [];
  const named = [...paragraph.matchAll(/`([a-zA-Z_]+)`/g)].map(([, name = '']) => name);
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((name) => !isSecretName(name))).toEqual([]);
});
