/**
 * The results as a picture: a panel for each workload, a bar for each peer, CPU from zero. SVG without scripts or
 * fonts of its own; it follows the reader's choice of light or dark.
 */
import { shortNumber } from './number-text.ts';
import type { Panel, Row } from './summary.ts';

const COLUMNS = 2;
const PANEL = { width: 460, gap: 28, title: 30, bar: 17, foot: 14, label: 158, value: 62 } as const;
const MARGIN = 16;
const HEADING = 46;

const STYLE = `
  svg { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  .ground { fill: #ffffff; }
  .heading { fill: #1f2328; font-size: 16px; font-weight: 600; }
  .note { fill: #59636e; font-size: 12px; }
  .title { fill: #1f2328; font-size: 13px; font-weight: 600; }
  .label, .value { fill: #1f2328; font-size: 12px; }
  .value { font-variant-numeric: tabular-nums; }
  .bar { fill: #a9b3bf; }
  .own { fill: #1a7f53; }
  .second { fill: #74b894; }
  .spread { stroke: #1f2328; stroke-width: 1.2; }
  .axis { stroke: #59636e; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    .heading, .title, .label, .value { fill: #e6edf3; }
    .note { fill: #9198a1; }
    .bar { fill: #56606c; }
    .own { fill: #3fb27f; }
    .second { fill: #22704c; }
    .spread { stroke: #e6edf3; }
    .axis { stroke: #9198a1; }
  }`;

/** The whole picture; panels in which nothing was measured are left out. */
export function plotOf(
  panels: readonly Panel[],
  { heading, note }: { heading: string; note: string },
): string {
  const shown = panels.filter(({ rows }) => rows.length > 0);
  const lines = Array.from({ length: Math.ceil(shown.length / COLUMNS) }, (_, i) =>
    shown.slice(i * COLUMNS, (i + 1) * COLUMNS),
  );
  const parts: string[] = [];
  let top = MARGIN + HEADING;
  for (const line of lines) {
    for (const [column, panel] of line.entries())
      parts.push(drawPanel(panel, MARGIN + column * (PANEL.width + PANEL.gap), top));
    top += Math.max(...line.map(heightOf));
  }
  const width = MARGIN * 2 + COLUMNS * PANEL.width + (COLUMNS - 1) * PANEL.gap;
  const height = top + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(heading)}">
<style>${STYLE}
</style>
<rect class="ground" width="${width}" height="${height}" rx="6"/>
<text class="heading" x="${MARGIN}" y="${MARGIN + 14}">${escaped(heading)}</text>
<text class="note" x="${MARGIN}" y="${MARGIN + 33}">${escaped(note)}</text>
${parts.join('\n')}
</svg>
`;
}

function heightOf({ rows }: Panel): number {
  return PANEL.title + rows.length * PANEL.bar + PANEL.foot;
}

function drawPanel({ workload, rows }: Panel, left: number, top: number): string {
  const most = Math.max(...rows.map(({ cpuMicroseconds }) => cpuMicroseconds.high), 0);
  const scale = (PANEL.width - PANEL.label - PANEL.value) / (most || 1);
  const bars = rows.map((row, i) =>
    drawBar(row, { left: PANEL.label, top: PANEL.title + i * PANEL.bar, scale }),
  );
  const title = `${workload.title}, µs per ${workload.unit}`;
  return `<g transform="translate(${left} ${top})">
<text class="title" x="0" y="20">${escaped(title)}</text>
<line class="axis" x1="${PANEL.label}" x2="${PANEL.label}" y1="${PANEL.title - 2}" y2="${PANEL.title + rows.length * PANEL.bar}"/>
${bars.join('\n')}
</g>`;
}

function drawBar(row: Row, { left, top, scale }: { left: number; top: number; scale: number }): string {
  const { median, low, high } = row.cpuMicroseconds;
  const known = Number.isFinite(median);
  const [width, from, to] = [median, low, high].map((value) => (known ? (value * scale).toFixed(1) : '0'));
  const middle = top + PANEL.bar / 2;
  const mark = row.failed > 0 ? ' ✗' : '';
  const end = left + (known ? high * scale : 0) + 6;
  return `<text class="label" x="${left - 8}" y="${middle + 4}" text-anchor="end">${escaped(row.peer.title)}</text>
<rect class="${colourOf(row)}" x="${left}" y="${top + 2}" width="${width}" height="${PANEL.bar - 4}"/>
<line class="spread" x1="${left + Number(from)}" x2="${left + Number(to)}" y1="${middle}" y2="${middle}"/>
<text class="value" x="${end.toFixed(1)}" y="${middle + 4}">${shortNumber(median)}${mark}</text>`;
}

function colourOf({ peer }: Row): string {
  if (peer.id === 'banyan') return 'own';
  return peer.id.startsWith('banyan') ? 'second' : 'bar';
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
