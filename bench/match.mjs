// What finding a route costs, by the number of routes: the figure must not grow with them. Prints ns per match.
//   npm run bench:match [-- --json]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const SIZES = [10, 1_000, 50_000];
const ROUNDS = 5;
const MATCHES = 300_000;

const { buildMatcher, buildMatcherInSlices, tableOf, traitsOf } = await load();

/** Compiles what is measured, so that the bench runs the source and not an older dist/. */
async function load() {
  const result = await build({
    stdin: {
      contents: `export * from './src/match/build-matcher.ts';
        export { tableOf } from './test/support/table.ts';
        export { traitsOf } from './test/support/traits.ts';`,
      resolveDir: new URL('..', import.meta.url).pathname,
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const folder = await mkdtemp(join(tmpdir(), 'banyan-bench-'));
  try {
    const file = join(folder, 'match.mjs');
    await writeFile(file, result.outputFiles[0].contents);
    return await import(pathToFileURL(file).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A third each of literal prefixes, paths with a parameter, and routes that differ by a header alone. */
function routesOf(count) {
  return Array.from({ length: count }, (_, i) => {
    const name = `r${i}`;
    if (i % 3 === 0) return { name, to: 'f', prefix: `/api/area${i % 100}/thing${i}` };
    if (i % 3 === 1) return { name, to: 'f', path: `/shop${i % 100}/:id/part${i}` };
    return { name, to: 'f', prefix: '/tenants', headers: { 'x-tenant': `t${i}` } };
  });
}

const HEADERS = {
  Host: 'shop.test',
  'User-Agent': 'bench/1.0 (like others)',
  Accept: 'application/json',
  'Accept-Language': 'en',
  Cookie: 'session=0123456789abcdef; theme=dark',
};

function requestsOf(count) {
  const last = count - 1;
  const literal = last - (last % 3);
  const param = literal - 2;
  const tenant = literal - 1;
  return {
    literal: traitsOf(`/api/area${literal % 100}/thing${literal}/items/7`, { headers: HEADERS }),
    param: traitsOf(`/shop${param % 100}/12345/part${param}`, { headers: HEADERS }),
    header: traitsOf('/tenants/7', { headers: { ...HEADERS, 'X-Tenant': `t${tenant}` } }),
    miss: traitsOf('/legacy/page/12345', { headers: HEADERS }),
    'encoded (%C3%A9)': traitsOf('/api/area7/caf%C3%A9/items', { headers: HEADERS }),
    'two readings (%2F)': traitsOf('/api/area7/a%2Fb/items', { headers: HEADERS }),
  };
}

/** The best of some rounds: what the code costs, not what else the machine does. Strings are new for each match. */
function nsPerMatch(matcher, traits) {
  let best = Number.POSITIVE_INFINITY;
  const paths = Array.from({ length: 1_000 }, () => Buffer.from(traits.path, 'latin1'));
  for (let round = 0; round < ROUNDS; round += 1) {
    let spent = 0n;
    for (let done = 0; done < MATCHES / ROUNDS; done += paths.length) {
      // As from a socket: fresh strings, whose hash is not known yet.
      const requests = paths.map((path) => ({ ...traits, path: path.latin1Slice(0, path.length) }));
      const started = process.hrtime.bigint();
      for (const request of requests) matcher.match(request);
      spent += process.hrtime.bigint() - started;
    }
    best = Math.min(best, Number(spent) / (MATCHES / ROUNDS));
  }
  return Math.round(best);
}

/** The longest time the event loop was held while a table was built in slices, in ms. */
async function longestStall(table) {
  let longest = 0;
  let since = performance.now();
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - since);
    since = now;
  };
  const pause = () =>
    new Promise((resolve) => {
      setImmediate(() => {
        turn();
        resolve();
      });
    });
  await buildMatcherInSlices(table, { pause });
  turn();
  return longest;
}

const rows = {};
for (const size of SIZES) {
  const table = tableOf(routesOf(size));
  const started = performance.now();
  const matcher = buildMatcher(table);
  const buildMs = performance.now() - started;
  for (const [kind, traits] of Object.entries(requestsOf(size))) {
    rows[`${kind}, ns`] = { ...rows[`${kind}, ns`], [`${size} routes`]: nsPerMatch(matcher, traits) };
  }
  rows['build, ms'] = { ...rows['build, ms'], [`${size} routes`]: Math.round(buildMs) };
  const stall = await longestStall(table);
  rows['longest stall in slices, ms'] = {
    ...rows['longest stall in slices, ms'],
    [`${size} routes`]: Math.round(stall),
  };
}
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows));
} else {
  console.log(`match: cost of finding a route, Node ${process.versions.node}`);
  console.table(rows);
}
