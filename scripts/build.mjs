// Builds dist/: the command `banyan` (cli.js) and the thread that parses routes.yaml (load-worker.js).
// Dependencies stay outside the bundles: they come from node_modules, pinned by the lock file.
// Each file is replaced by a rename, so that a router that starts meanwhile never reads half of one.
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: { cli: 'src/main.ts', 'load-worker': 'src/config/load-worker.ts' },
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
});
await mkdir('dist', { recursive: true });
for (const { path, contents } of outputFiles) {
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, contents);
  if (path.endsWith('cli.js')) await chmod(unfinished, 0o755);
  await rename(unfinished, path);
}
