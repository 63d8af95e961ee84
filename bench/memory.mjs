// What a router holds in memory: per idle connection, per WebSocket, per route, and after days of changes. Some minutes,
// on 127.0.0.0/8 only; the router is the one in dist/.
//   npm run bench:memory
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
try {
  await build({
    entryPoints: [path.join(root, 'bench/memory/report.ts')],
    outfile: path.join(folder, 'report.mjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
    // Where the tests' own way of starting a router looks for dist/ from.
    define: { 'import.meta.dirname': JSON.stringify(path.join(root, 'test/support')) },
  });
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const { main } = await import(pathToFileURL(path.join(folder, 'report.mjs')).href);
  await main();
} finally {
  await rm(folder, { recursive: true, force: true });
}
