// Builds dist/: the command `banyan` (cli.js) and the thread that parses routes.yaml (load-worker.js).
// Dependencies stay outside the bundles: they come from node_modules, pinned by the lock file.
import { existsSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
const entries = { cli: 'src/main.ts', 'load-worker': 'src/config/load-worker.ts' };
await build({
  entryPoints: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
  outdir: 'dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  legalComments: 'none',
  logLevel: 'warning',
});
await chmod('dist/cli.js', 0o755);
