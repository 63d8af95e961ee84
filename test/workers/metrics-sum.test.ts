import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { MetricsSum, PRIMARY } from '../../src/workers/metrics-sum.ts';

let now = 0;
let sum: MetricsSum;

beforeEach(() => {
  now = 0;
  sum = new MetricsSum(() => now);
});

function say(source: number, text: string): void {
  sum.begin(source);
  sum.take(source, text);
  sum.end(source);
}

async function shown(given?: Record<string, number>): Promise<string> {
  let text = '';
  for await (const piece of sum.render(given)) text += piece;
  return text;
}

const requests = (...lines: string[]): string =>
  `# HELP banyan_requests_total Requests.\n# TYPE banyan_requests_total counter\n${lines.join('\n')}\n`;
const series = (route: string, count: number): string =>
  `banyan_requests_total{route="${route}",code="200"} ${count}`;
const gauge = (name: string, line: string): string => `# HELP ${name} x\n# TYPE ${name} gauge\n${line}\n`;

describe('the sum of metrics', () => {
  it('adds counters, under one header', async () => {
    say(PRIMARY, requests(series('a', 0)));
    say(1, requests(series('a', 3), series('b', 1)));
    say(2, requests(series('a', 4)));
    expect(await shown()).toBe(requests(series('a', 7), series('b', 1)));
  });

  it('adds every line of a histogram', async () => {
    const text = (n: number): string =>
      `# HELP h x\n# TYPE h histogram\nh_bucket{route="a",le="0.1"} ${n}\nh_bucket{route="a",le="+Inf"} ${2 * n}\nh_sum{route="a"} ${n / 2}\nh_count{route="a"} ${2 * n}\n`;
    say(1, text(3));
    say(2, text(5));
    expect(await shown()).toBe(text(8));
  });

  it('goes by the rule of each gauge', async () => {
    const all: [string, string, [number, number], number][] = [
      ['banyan_requests_in_flight', '{route="a"}', [2, 3], 5],
      ['banyan_route_legacy_last_request_timestamp_seconds', '{route="a"}', [20, 10], 20],
      ['banyan_backend_endpoints', '{backend="a",state="available"}', [2, 1], 1],
      ['banyan_backend_endpoints', '{backend="a",state="ejected"}', [0, 1], 1],
      ['process_resident_memory_bytes', '', [100, 50], 150],
      ['process_max_fds', '', [1024, 512], 512],
      ['nodejs_eventloop_lag_p99_seconds', '', [0.1, 0.3], 0.3],
    ];
    for (const worker of [0, 1] as const) {
      say(
        worker + 1,
        all.map(([name, labels, values]) => gauge(name, `${name}${labels} ${values[worker]}`)).join(''),
      );
    }
    const text = await shown();
    for (const [name, labels, , value] of all) expect(text).toContain(`\n${name}${labels} ${value}\n`);
  });

  it('takes from the primary what only it knows, and what is worked out', async () => {
    const texts = (revision: string): string =>
      gauge('banyan_config_info', `banyan_config_info{revision="${revision}"} 1`) +
      gauge('banyan_migrated_requests_ratio', 'banyan_migrated_requests_ratio NaN');
    say(PRIMARY, texts('new'));
    say(1, texts('old'));
    const text = await shown({ banyan_migrated_requests_ratio: 0.25 });
    expect(text).toBe(texts('new').replace('NaN', '0.25'));
  });

  it('keeps NaN only where nobody knows more, and writes infinity as Prometheus does', async () => {
    say(1, gauge('process_open_fds', 'process_open_fds NaN') + gauge('a', 'a NaN') + gauge('b', 'b +Inf'));
    say(2, gauge('process_open_fds', 'process_open_fds 7') + gauge('a', 'a NaN'));
    const text = await shown();
    expect(text).toContain('\nprocess_open_fds 7\n');
    expect(text).toContain('\na NaN\n');
    expect(text).toContain('\nb +Inf\n');
  });

  it('takes texts cut anywhere', async () => {
    const text = requests(series('a', 3), series('b', 1));
    sum.begin(1);
    for (const character of text) sum.take(1, character);
    sum.end(1);
    expect(await shown()).toBe(text);
  });

  it('shows the last whole text while the next one comes', async () => {
    say(1, requests(series('a', 3), series('b', 1)));
    sum.begin(1);
    sum.take(1, requests(series('a', 4)));
    expect(await shown()).toBe(requests(series('a', 4), series('b', 1)));
    sum.end(1);
    expect(await shown()).toBe(requests(series('a', 4)));
  });

  it('keeps the counts of a process that ended, and lets its gauges go', async () => {
    const inFlight = (count: number): string =>
      gauge('banyan_requests_in_flight', `banyan_requests_in_flight{route="a"} ${count}`);
    say(1, requests(series('a', 3)) + inFlight(2));
    say(2, requests(series('a', 4)) + inFlight(1));
    sum.leave(1);
    expect(await shown()).toBe(requests(series('a', 7)) + inFlight(1));
    say(1, requests(series('a', 1)) + inFlight(5));
    expect(await shown()).toBe(requests(series('a', 8)) + inFlight(6));
  });

  it('forgets the counts of a removed route ten minutes after the last process that showed it', async () => {
    say(1, requests(series('gone', 3), series('a', 1)));
    say(2, requests(series('gone', 1), series('a', 1)));
    now = 60_000;
    sum.leave(1);
    say(2, requests(series('a', 1)));
    expect(await shown()).toBe(requests(series('gone', 3), series('a', 2)));
    now = 10 * 60_000;
    say(2, requests(series('a', 1)));
    expect(await shown()).toBe(requests(series('a', 2)));
  });

  it('never shrinks, whatever process ends when', async () => {
    const steps = fc.array(
      fc.record({ source: fc.integer({ min: 1, max: 4 }), ends: fc.boolean(), by: fc.nat(9) }),
      {
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        sum = new MetricsSum(() => now);
        const counts = new Map<number, number>();
        let total = 0;
        for (const { source, ends, by } of all) {
          counts.set(source, (counts.get(source) ?? 0) + by);
          total += by;
          say(source, requests(series('a', counts.get(source)!)));
          if (ends) {
            sum.leave(source);
            counts.delete(source);
          }
          expect(await shown()).toBe(requests(series('a', total)));
        }
      }),
    );
  });
});
