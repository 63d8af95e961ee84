// How long a large routes file takes from being saved to being in force, and how long the main thread stands still
// meanwhile. `npm run bench:reload [-- ROUTES]`
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buildSync } from 'esbuild';

const routes = Number(process.argv[2] ?? 5_000);
const folder = await mkdtemp(join(tmpdir(), 'banyan-bench-'));
const bundle = join(
  import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  '..',
  'dist',
  'bench-reload.mjs',
);
buildSync({
  stdin: {
    contents: `export { RoutesSource } from './src/config/routes-source.ts'; export { LoadThread } from './src/config/parse-in-thread.ts';`,
    resolveDir: join(bundle, '..', '..'),
  },
  outfile: bundle,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
});
const { RoutesSource, LoadThread } = await import(bundle);

/** Three lines a route, as people write them. */
function fileOf(legacy) {
  const features = Array.from(
    { length: 100 },
    (_, i) => `  f${i}:\n    url: http://f${i}:3000\n    stage: live\n`,
  );
  const list = Array.from(
    { length: routes },
    (_, i) => `  - match:\n      prefix: /a${i % 500}/p${i}\n    to: f${i % 100}\n`,
  );
  return `legacy: http://${legacy}:8080\nfeatures:\n${features.join('')}routes:\n${list.join('')}`;
}

const file = join(folder, 'routes.yaml');
await writeFile(file, fileOf('start'));
const thread = new LoadThread(new URL('load-worker.js', `file://${bundle}`));
let inForce = () => {};
const source = new RoutesSource({
  file,
  env: {},
  stateDir: null,
  parse: thread.parse,
  onReload: (report) => inForce(report),
});
await source.load();
const results = [];
for (let run = 0; run < 6; run++) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  const reloaded = new Promise((resolve) => {
    inForce = resolve;
  });
  await writeFile(file, fileOf(`run${run}`));
  const saved = performance.now();
  delay.enable();
  const { result } = await reloaded;
  delay.disable();
  results.push({
    result,
    liveMs: Math.round(performance.now() - saved),
    stallMs: Math.round(delay.max / 1e6),
  });
}
console.table(results);
await source.close();
await thread.close();
await Promise.all([rm(folder, { recursive: true }), rm(bundle)]);
