/** The results as Markdown. */
import type { MatchCost } from '../match-cost.ts';
import type { WorkersCost } from '../workers-cost.ts';
import { ratioText, shortNumber, spreadText } from './number-text.ts';
import type { Results } from './results.ts';
import type { Panel, Row } from './summary.ts';

const MIB = 1024 * 1024;

/** A table; columns after the first are aligned to the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

/** What the run was: machine, versions, how busy the machine was otherwise. */
export function runTable({ machine, pinned, conditions, ...run }: Results): string {
  const rows = [
    ['date', run.date],
    ['machine', `${machine.cores} cores, ${machine.cpu}, ${machine.memoryGiB} GiB`],
    ['system', `${machine.system}, Linux ${machine.kernel}, Node ${machine.node}`],
    ['pinned', pinned],
    [
      'rounds',
      `${run.rounds} of ${run.slotSeconds} s for each peer under each workload; ${shortNumber(run.tookMinutes)} min in all`,
    ],
    [
      'what else the machine did',
      `${conditions.otherCores.toFixed(2)} cores busy beside the bench (median; a tenth of the time over ${conditions.otherCoresOften.toFixed(2)}), ${conditions.stolenCores.toFixed(2)} taken by the hypervisor`,
    ],
    ['load or backend over 90 % of a core', conditions.saturated.join('; ') || 'never'],
  ];
  return markdownTable(['the run', ''], rows).replace('|---|---:|', '|---|---|');
}

/** Versions and set-ups; what is missing is said here too. */
export function peersTable({ peers, missing, leftOut }: Results): string {
  const rows = peers.map(({ title, version, setup }) => [title, version, setup]);
  const table = markdownTable(['proxy', 'version', 'set up'], rows).replace(/---:/g, '---');
  const titleOf = (id: string) => peers.find((peer) => peer.id === id)?.title ?? id;
  const notes = [
    ...missing.map((what) => `Not measured: ${what}.`),
    ...leftOut.map(({ peer, workload, why }) => `${titleOf(peer)} was left out of \`${workload}\`: ${why}.`),
  ];
  return notes.length === 0 ? table : `${table}\n\n${notes.map((note) => `- ${note}`).join('\n')}`;
}

/** The aims, and whether they are reached. */
export function aimsTable({ aims }: Results): string {
  const rows = aims.map(({ what, aim, measured, reached }) => [what, aim, measured, reached ? 'yes' : 'no']);
  return markdownTable(['Banyan', 'aim', 'measured', 'reached'], rows);
}

/** Finding a route, without sockets. */
export function matchTable(match: MatchCost): string {
  const sizes = Object.keys(Object.values(match)[0] ?? {});
  const rows = Object.entries(match).map(([kind, figures]) => [
    kind,
    ...sizes.map((size) => shortNumber(figures[size] ?? Number.NaN)),
  ]);
  return markdownTable(['finding a route', ...sizes], rows);
}

/** CPU per request of all, in one table. */
export function overviewTable({ panels, peers }: Results): string {
  const rows = panels.map(({ workload, rows: own }) => [
    workload.title,
    ...peers.map(({ id }) => overviewCell(own.find(({ peer }) => peer.id === id))),
  ]);
  return markdownTable(['CPU in µs', ...peers.map(({ title }) => title)], rows);
}

function overviewCell(row: Row | undefined): string {
  if (row === undefined) return '–';
  return `${shortNumber(row.cpuMicroseconds.median)}${row.failed > 0 ? ' ✗' : ''}`;
}

/** What the reference takes of each, in one table. */
export function ratioTable({ panels, peers, reference }: Results): string {
  const others = peers.filter(({ title }) => title !== reference);
  const rows = panels.map(({ workload, rows: own }) => [
    workload.title,
    ...others.map(({ id }) => {
      const row = own.find(({ peer }) => peer.id === id);
      return row === undefined ? '–' : ratioText(row.referenceOver);
    }),
  ]);
  return markdownTable([`CPU of ${reference} over that of`, ...others.map(({ title }) => title)], rows);
}

/** One workload, everything about it. */
export function panelTable({ workload, rows }: Panel, reference: string): string {
  const cells = rows.map((row) => [
    row.peer.title,
    spreadText(row.cpuMicroseconds),
    ratioText(row.referenceOver),
    shortNumber(row.perSecond.median),
    shortNumber(row.p50Ms.median),
    shortNumber(row.p99Ms.median),
    `${Math.round(row.proxyShare.median * 100)} %`,
    row.failed === 0 ? '0' : `**${row.failed}** (${row.reasons.join('; ')})`,
  ]);
  const head = [
    '',
    `CPU µs per ${workload.unit}`,
    `${reference} ÷ this`,
    `${workload.unit}s per s`,
    'p50 ms',
    'p99 ms',
    'of its core',
    'failed',
  ];
  return markdownTable(head, cells);
}

/** Memory of connections on which nothing happens. */
export function idleTable({ idle, peers }: Results): string {
  const titleOf = (id: string) => peers.find((peer) => peer.id === id)?.title ?? id;
  const rows = idle.map(({ peer, connections, before, after }) => [
    titleOf(peer),
    shortNumber(before / MIB),
    shortNumber(after / MIB),
    shortNumber((after - before) / connections / 1024),
  ]);
  const connections = shortNumber(idle[0]?.connections ?? 0);
  return markdownTable(['', 'MiB before', `MiB with ${connections}`, 'KiB per connection'], rows);
}

/** A second worker: both on the same two cores, so that throughput shows what the second core gives. */
export function workersTable({ one, two, ratio, throughput, connections }: WorkersCost): string {
  return markdownTable(
    [
      'small GET, 64 connections, two cores',
      'CPU µs per request',
      'of one process',
      'requests per s',
      'connections',
    ],
    [
      ['one process', spreadText(one), '1.00', '1.00 ×', '–'],
      [
        'two workers',
        spreadText(two),
        ratioText(ratio),
        `${ratioText(throughput)} ×`,
        connections.join(', '),
      ],
    ],
  );
}

/** Everything, as the page shows it and `--out` writes it. */
export function allTables(results: Results): string {
  const { reference } = results;
  const panels = results.panels
    .filter(({ rows }) => rows.length > 0)
    .map(
      (panel) => `#### ${panel.workload.title} (\`${panel.workload.id}\`)\n\n${panelTable(panel, reference)}`,
    );
  return [
    ...(results.aims.length > 0 ? ['### Against the aims', aimsTable(results)] : []),
    '### CPU per request, event or message',
    overviewTable(results),
    `### What ${reference} takes of the others`,
    ratioTable(results),
    ...(results.idle.length > 0 ? ['### Memory of idle connections', idleTable(results)] : []),
    ...(results.match === null ? [] : ['### Finding a route', matchTable(results.match)]),
    ...(results.workers === null ? [] : ['### Two workers', workersTable(results.workers)]),
    '### The run',
    runTable(results),
    peersTable(results),
    '### Each workload',
    ...panels,
  ].join('\n\n');
}
