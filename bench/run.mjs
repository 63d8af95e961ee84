/**
 * `npm run bench` and, with `--compare`, `npm run bench:quick`. Compiles the TypeScript beside it into a folder
 * that is removed at the end, and runs it: no build step to forget, and nothing of it in dist/.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
try {
  await build({
    entryPoints: {
      main: path.join(import.meta.dirname, 'main.ts'),
      'load-process': path.join(import.meta.dirname, 'load/load-process.ts'),
      'backend-process': path.join(import.meta.dirname, 'backend/backend-process.ts'),
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const { main } = await import(pathToFileURL(path.join(folder, 'main.mjs')).href);
  const places = { root: path.resolve(import.meta.dirname, '..'), folder };
  process.exitCode = await main(process.argv.slice(2), places);
} finally {
  await rm(folder, { recursive: true, force: true });
}
