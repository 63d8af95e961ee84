/**
 * The metrics of several processes as one. Each hands in its own `/metrics` text; series of the same name and labels
 * become one, counters and histograms summed, gauges by their rule (gauge-rules.ts). Texts are added up rather than
 * the counters behind them, so that a metric that is added somewhere is summed without being named here.
 *
 *   text of a process ─▶ begin, take …, end ─▶ a value per series and process ┐
 *   a process ended ─▶ leave ─▶ its counts stay, in `departed`                ┴▶ render
 *
 * Totals never shrink: what was shown of a process that ended is kept. The counts of a removed route go ten minutes
 * after the last process stopped showing the route, as they do in one process.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gaugeRule } from './gauge-rules.ts';

const KEPT_MS = 10 * 60_000;
const PIECE_CHARACTERS = 64 * 1024;

interface Series {
  /** Name and labels, as they stand in the text. */
  readonly key: string;
  /** What the series is about: its route (with a backend, if it has one), feature or backend; '': the router. */
  readonly about: string;
  /** By source: the value, and in which text of the source it stood. */
  readonly values: number[];
  readonly texts: number[];
  /** Of sources that ended: the sum of counts, the largest of a `max` gauge; null: none. */
  departed: number | null;
}

interface Family {
  readonly name: string;
  readonly header: string[];
  isGauge: boolean;
  readonly series: Map<string, Series>;
}

/** Where texts come from: one process. */
interface Source {
  /** Number of the text being taken, and of the last whole one. */
  text: number;
  whole: number;
  rest: string;
  family: Family | null;
  /** Of the last line: neighbours are mostly about the same. */
  about: string;
}

/** The primary's own source. */
export const PRIMARY = 0;

/** Adds up texts of Prometheus' format 0.0.4. Sources are small numbers; {@link PRIMARY} is the primary. */
export class MetricsSum {
  readonly #families = new Map<string, Family>();
  readonly #sources: (Source | undefined)[] = [];
  /** When a route, feature or backend was last shown by a process; monotonic ms. */
  readonly #shownAt = new Map<string, number>();
  readonly #nowMs: () => number;

  /** `nowMs` is a monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A text of this source begins. */
  begin(source: number): void {
    const known = this.#sources[source];
    if (known === undefined) this.#sources[source] = { text: 1, whole: 0, rest: '', family: null, about: '' };
    else Object.assign(known, { text: known.text + 1, rest: '', family: null, about: '' });
  }

  /** A piece of it, cut anywhere. */
  take(source: number, piece: string): void {
    const from = this.#sources[source];
    if (from === undefined) return;
    const text = from.rest + piece;
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#line(source, from, text.slice(start, end));
      start = end + 1;
    }
    from.rest = text.slice(start);
  }

  /** The text is whole: what is not in it is not shown by this source any more. */
  end(source: number): void {
    const from = this.#sources[source];
    if (from !== undefined) from.whole = from.text;
  }

  /** The process ended: its counts stay, its gauges go. */
  leave(source: number): void {
    const from = this.#sources[source];
    if (from === undefined) return;
    for (const family of this.#families.values()) {
      for (const series of family.series.values()) depart(family, series, source, from);
    }
    this.#sources[source] = undefined;
  }

  /** One text of all, in pieces. `given`: values of gauges that are worked out elsewhere, by name. */
  async *render(given: Readonly<Record<string, number>> = {}): AsyncGenerator<string, void, undefined> {
    this.#forgetRemoved();
    let piece = '';
    for (const family of this.#families.values()) {
      let header = `${family.header.join('\n')}\n`;
      for (const series of family.series.values()) {
        const value = given[series.key] ?? this.#valueOf(family, series);
        if (value === null) continue;
        piece += `${header}${series.key} ${numberText(value)}\n`;
        header = '';
      }
      if (piece.length < PIECE_CHARACTERS) continue;
      yield piece;
      piece = '';
      await nextTurn();
    }
    if (piece !== '') yield piece;
  }

  #line(source: number, from: Source, line: string): void {
    if (line === '') return;
    if (line.startsWith('#')) {
      this.#headerLine(from, line);
      return;
    }
    const { family } = from;
    const space = line.lastIndexOf(' ');
    if (family === null || space < 0) return;
    const series = seriesOf(family, line.slice(0, space));
    series.values[source] = Number(line.slice(space + 1).replace('Inf', 'Infinity'));
    series.texts[source] = from.text;
    if (series.about !== '' && series.about !== from.about) this.#shownAt.set(series.about, this.#nowMs());
    from.about = series.about;
  }

  #headerLine(from: Source, line: string): void {
    const [, word, name = '', type] = line.split(' ', 4);
    if (word !== 'HELP' && word !== 'TYPE') return;
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { name, header: [], isGauge: false, series: new Map() };
      this.#families.set(name, family);
    }
    if (!family.header.some((known) => known.startsWith(`# ${word} `))) family.header.push(line);
    if (word === 'TYPE') family.isGauge = type !== 'counter' && type !== 'histogram';
    from.family = family;
  }

  #valueOf(family: Family, series: Series): number | null {
    const shown: number[] = [];
    for (const [source, from] of this.#sources.entries()) {
      if (from !== undefined && isShown(series, source, from)) shown.push(series.values[source] as number);
    }
    if (!family.isGauge) return sum(series.departed, shown);
    const rule = gaugeRule(family.name, series.key);
    const primary = this.#sources[PRIMARY];
    if (rule === 'primary' || rule === 'given') {
      if (primary === undefined || !isShown(series, PRIMARY, primary)) return null;
      return series.values[PRIMARY] as number;
    }
    if (rule === 'sum') return sum(null, shown);
    const known = shown.filter((value) => !Number.isNaN(value));
    if (series.departed !== null) known.push(series.departed);
    if (known.length > 0) return rule === 'min' ? Math.min(...known) : Math.max(...known);
    return shown.length > 0 ? Number.NaN : null;
  }

  #forgetRemoved(): void {
    const now = this.#nowMs();
    for (const [about, at] of this.#shownAt) if (now - at >= KEPT_MS) this.#shownAt.delete(about);
    for (const family of this.#families.values()) {
      for (const [key, series] of family.series) {
        if (series.about !== '' && !this.#shownAt.has(series.about)) family.series.delete(key);
      }
    }
  }
}

function isShown(series: Series, source: number, from: Source): boolean {
  // While a text is being taken, the values of the last whole one still hold.
  return from.whole > 0 && (series.texts[source] ?? 0) >= from.whole;
}

function depart(family: Family, series: Series, source: number, from: Source): void {
  const isLast = isShown(series, source, from);
  const value = series.values[source] as number;
  delete series.values[source];
  delete series.texts[source];
  if (!isLast) return;
  if (!family.isGauge) series.departed = (series.departed ?? 0) + value;
  else if (gaugeRule(family.name, series.key) === 'max' && family.name.endsWith('_timestamp_seconds'))
    series.departed = Math.max(series.departed ?? 0, value);
}

function sum(departed: number | null, shown: readonly number[]): number | null {
  if (departed === null && shown.length === 0) return null;
  return shown.reduce((total, value) => total + (Number.isNaN(value) ? 0 : value), departed ?? 0);
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}

function seriesOf(family: Family, key: string): Series {
  let series = family.series.get(key);
  if (series === undefined) {
    series = { key, about: aboutOf(key), values: [], texts: [], departed: null };
    family.series.set(key, series);
  }
  return series;
}

const ABOUT = /[{,]((?:route|feature|backend)="(?:[^"\\]|\\.)*"(?:,backend="(?:[^"\\]|\\.)*")?)/;

function aboutOf(key: string): string {
  return ABOUT.exec(key)?.[1] ?? '';
}
