/** Puts the results where they are wanted: on stdout always, into docs/ after a whole run, into `--out` if it is given. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchOptions } from '../options.ts';
import type { RunResults } from '../run-bench.ts';
import { withGenerated } from './page.ts';
import { plotOf } from './plot.ts';
import { allTables } from './tables.ts';

const NAME = 'performance';

/** Says on stderr what it wrote. */
export async function reportRun(results: RunResults, options: BenchOptions, root: string): Promise<void> {
  const tables = allTables(results);
  console.log(tables);
  const whole = options.only === null && options.peers === null && options.at === null;
  if (options.out !== null) await writeResults(results, tables, options.out);
  else if (whole) await writePage(results, tables, path.join(root, 'docs'));
}

async function writeResults(results: RunResults, tables: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, `${NAME}.md`), `${tables}\n`);
  await writeFile(path.join(folder, `${NAME}.svg`), plot(results));
  await writeFile(path.join(folder, `${NAME}.json`), `${JSON.stringify(results, null, 1)}\n`);
  console.error(`written: ${NAME}.md, ${NAME}.svg and ${NAME}.json in ${folder}`);
}

async function writePage(results: RunResults, tables: string, docs: string): Promise<void> {
  const page = path.join(docs, `${NAME}.md`);
  await writeFile(page, withGenerated(await readFile(page, 'utf8'), tables));
  await writeFile(path.join(docs, `${NAME}.svg`), plot(results));
  console.error(`written: docs/${NAME}.md and docs/${NAME}.svg`);
}

function plot({ panels, machine, date, rounds }: RunResults): string {
  return plotOf(panels, {
    heading: 'CPU that a proxy takes: shorter is better',
    note: `one core each, medians of ${rounds} rounds with quartiles; ${machine.cpu}, Linux ${machine.kernel}, ${date}`,
  });
}
