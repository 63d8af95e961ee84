/**
 * A strict reader of the Prometheus text format 0.0.4: whatever the format does not allow throws, so that a test that
 * reads a scrape has checked all of it. Also refused: a family in two places, a series twice, histograms whose buckets
 * fall or whose count differs from the last bucket.
 */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Families by name, in the order of the text. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no line feed');
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let current: Family | null = null;
  let help: { name: string; text: string } | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue;
    const helpLine = /^# HELP (\S+) (.*)$/.exec(line);
    const typeLine = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (helpLine) {
      help = { name: helpLine[1] as string, text: helpLine[2] as string };
    } else if (typeLine) {
      const name = typeLine[1] as string;
      if (help?.name !== name) throw new Error(`TYPE without its HELP: ${line}`);
      if (families.has(name)) throw new Error(`family twice: ${name}`);
      current = { name, type: typeLine[2] as string, help: help.text, samples: [] };
      families.set(name, current);
    } else if (line.startsWith('#')) {
      throw new Error(`odd comment: ${line}`);
    } else {
      const sample = parseSample(line);
      addSample(current, sample, seen);
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') checkHistogram(family);
  return families;
}

/** The value of one series; undefined if it is not there. */
export function sampleValue(
  families: Map<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const base = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  const wanted = keyOf({ name, labels, value: 0 });
  return base?.samples.find((sample) => keyOf(sample) === wanted)?.value;
}

/** Name and sorted labels of a series. */
export function keyOf({ name, labels }: Sample): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function addSample(family: Family | null, sample: Sample, seen: Set<string>): void {
  const suffixes = SUFFIXES[family?.type ?? ''] ?? [];
  if (family === null || !suffixes.some((suffix) => sample.name === family.name + suffix))
    throw new Error(`sample outside its family: ${sample.name}`);
  const key = keyOf(sample);
  if (seen.has(key)) throw new Error(`series twice: ${key}`);
  seen.add(key);
  if (family.type === 'counter' && !(sample.value >= 0)) throw new Error(`counter below 0: ${key}`);
  family.samples.push(sample);
}

function parseSample(line: string): Sample {
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new Error(`no metric name: ${line}`);
  let rest = line.slice(name.length);
  const labels: Record<string, string> = {};
  if (rest.startsWith('{')) {
    rest = rest.slice(1);
    while (!rest.startsWith('}')) {
      const label = LABEL.exec(rest)?.[0];
      if (label === undefined || label in labels) throw new Error(`bad label: ${line}`);
      rest = rest.slice(label.length);
      const quoted = /^="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,(?!\})|(?=\}))/.exec(rest);
      if (quoted === null) throw new Error(`bad label value: ${line}`);
      labels[label] = unescaped(quoted[1] as string);
      rest = rest.slice(quoted[0].length);
    }
    rest = rest.slice(1);
  }
  const value = /^ (NaN|[+-]Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/.exec(rest)?.[1];
  if (value === undefined) throw new Error(`bad value: ${line}`);
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_, what: string) => (what === 'n' ? '\n' : what));
}

function checkHistogram(family: Family): void {
  const groups = new Map<string, Sample[]>();
  for (const sample of family.samples) {
    const { le: _, ...labels } = sample.labels;
    const key = keyOf({ name: '', labels, value: 0 });
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  for (const [key, samples] of groups) {
    const buckets = samples.filter((sample) => sample.name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => Number((labels['le'] ?? '').replace('Inf', 'Infinity')));
    for (let i = 1; i < buckets.length; i++) {
      if (!((bounds[i] as number) > (bounds[i - 1] as number))) throw new Error(`bounds fall: ${key}`);
      if ((buckets[i] as Sample).value < (buckets[i - 1] as Sample).value)
        throw new Error(`buckets fall: ${key}`);
    }
    const count = samples.find((sample) => sample.name.endsWith('_count'))?.value;
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || count !== buckets.at(-1)?.value)
      throw new Error(`count is not the last bucket: ${key}`);
    if (!samples.some((sample) => sample.name.endsWith('_sum'))) throw new Error(`no sum: ${key}`);
  }
}
