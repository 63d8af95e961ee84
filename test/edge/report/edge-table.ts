import { PLAYERS, type Player } from '../proxies/stage.ts';

/** What one player made of one case. */
export interface Result {
  readonly class: string;
  readonly player: Player;
  readonly what: string;
  readonly source: string;
  readonly stricter: string | null;
  readonly allowed: string;
  /** null: as allowed. */
  readonly problem: string | null;
}

const TITLES: Readonly<Record<Player, string>> = {
  banyan: 'Banyan',
  'banyan-fastify': 'its Fastify front',
  nginx: 'nginx',
  haproxy: 'HAProxy',
  caddy: 'Caddy',
};

/** How many cases of each class each player passes. */
export function countTable(results: readonly Result[]): string {
  const classes = [...new Set(results.map((result) => result.class))];
  const rows = [...classes.map((name) => rowOf(name, ofClass(results, name))), rowOf('**all**', results)];
  return [
    `| class | cases | ${PLAYERS.map((player) => TITLES[player]).join(' | ')} |`,
    `|---|---|${PLAYERS.map(() => '---').join('|')}|`,
    ...rows,
  ].join('\n');
}

function rowOf(name: string, results: readonly Result[]): string {
  const cells = PLAYERS.map((player) => {
    const own = results.filter((result) => result.player === player);
    return own.length === 0 ? '–' : countText(own, ({ problem }) => problem === null);
  });
  const cases = results.filter(({ player }) => player === 'banyan');
  return `| ${name} | ${countText(cases, () => true)} | ${cells.join(' | ')} |`;
}

/** All of them, and in brackets those that the RFCs decide alone. */
function countText(results: readonly Result[], counts: (result: Result) => boolean): string {
  const counted = results.filter(counts);
  return `${counted.length} (${counted.filter(({ stricter }) => stricter === null).length})`;
}

/** By class, every case that somebody does not pass, and what was seen. */
export function differences(results: readonly Result[]): string {
  const classes = [...new Set(results.map((result) => result.class))];
  return classes.map((name) => `### ${name}\n\n${differencesOf(ofClass(results, name))}`).join('\n\n');
}

function differencesOf(results: readonly Result[]): string {
  const names = [...new Set(results.filter(({ problem }) => problem !== null).map(({ what }) => what))];
  if (names.length === 0) return 'None.';
  const rows = names.map((what) => differenceRow(results.filter((result) => result.what === what)));
  return ['| case | allowed | seen instead |', '|---|---|---|', ...rows].join('\n');
}

function differenceRow(results: readonly Result[]): string {
  const [{ what, source, stricter, allowed }] = results as [Result, ...Result[]];
  const choice = stricter === null ? '' : `. By choice: ${stricter}`;
  const seen = new Map<string, string[]>();
  for (const { problem, player } of results) {
    if (problem !== null) seen.set(problem, [...(seen.get(problem) ?? []), TITLES[player]]);
  }
  const texts = [...seen].map(([problem, players]) => `${players.join(', ')}: ${problem}`);
  return `| ${escaped(what)} | ${escaped(allowed)} (${source}${escaped(choice)}) | ${texts.map(escaped).join('<br>')} |`;
}

function ofClass(results: readonly Result[], name: string): readonly Result[] {
  return results.filter((result) => result.class === name);
}

/** For a cell of a table in Markdown. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_[\]<>|#]/g, (char) => (char === '<' ? '&lt;' : char === '>' ? '&gt;' : `\\${char}`))
    .replaceAll('\n', ' ');
}
