// Builds dist/: the command `banyan` (cli.js), the thread that parses routes.yaml (load-worker.js) and the one that
// compares answers (compare-worker.js).
// Dependencies stay outside the bundles: they come from node_modules, pinned by the lock file.
// What a verb does not need it does not load: that lies in chunks/. Each file is replaced by a rename, so that a router
// that starts meanwhile never reads half of one; chunks of earlier builds stay a while for the same reason.
// --clean begins with an empty dist/, for a package.
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const STALE_MS = 10 * 60_000;

if (process.argv.includes('--clean')) await rm('dist', { recursive: true, force: true });

const { outputFiles } = await build({
  entryPoints: {
    cli: 'src/main.ts',
    'load-worker': 'src/config/load-worker.ts',
    'compare-worker': 'src/compare/compare-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
});
await mkdir('dist/chunks', { recursive: true });
// Entries last: what they name is there then.
const isEntry = (file) => !file.includes(`${path.sep}chunks${path.sep}`);
for (const { path: file, contents } of outputFiles.toSorted((a, b) => isEntry(a.path) - isEntry(b.path))) {
  const unfinished = `${file}.${process.pid}`;
  await writeFile(unfinished, contents);
  if (file.endsWith('cli.js')) await chmod(unfinished, 0o755);
  await rename(unfinished, file);
}
const current = new Set(outputFiles.map(({ path: file }) => path.basename(file)));
for (const name of await readdir('dist/chunks')) {
  const file = path.join('dist/chunks', name);
  if (!current.has(name) && Date.now() - (await stat(file)).mtimeMs > STALE_MS)
    await rm(file, { force: true });
}
