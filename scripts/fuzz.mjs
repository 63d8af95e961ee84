// `npm run fuzz`: compiles test/fuzz/fuzz-command.ts into a folder beside it, which is removed at the end, and runs it.
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const tests = path.resolve(import.meta.dirname, '../test');
const folder = await mkdtemp(path.join(tests, '.fuzz-'));
try {
  const outfile = path.join(folder, 'fuzz.mjs');
  await build({
    entryPoints: [path.join(tests, 'fuzz/fuzz-command.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const { fuzzCommand } = await import(pathToFileURL(outfile).href);
  process.exitCode = await fuzzCommand(process.argv.slice(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
