import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { machineNames } from '../../../bench/measure/machine.ts';
import { versionOf } from '../../../bench/peers/programs.ts';
import { type Result, rowsOf, tableOf, withRows } from './fault-table.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where scenarios write their results. */
    faultsFolder: string;
  }
}

const PAGE = path.resolve(import.meta.dirname, '../../../docs/faults.md');

/** Set-up of the project `faults`: gives scenarios a place for results; at the end prints them and writes the page. */
export function setup(project: TestProject): () => void {
  const folder = mkdtempSync(path.join(tmpdir(), 'banyan-faults-'));
  project.provide('faultsFolder', folder);
  return () => {
    const file = path.join(folder, 'results.jsonl');
    if (existsSync(file)) report(readResults(file));
    rmSync(folder, { recursive: true });
  };
}

function readResults(file: string): Result[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
}

/** The page keeps the rows of scenarios that were not run. */
function report(results: readonly Result[]): void {
  const rows = rowsOf(results);
  console.log(`\n${machineText()}\n\n${tableOf(rows)}\n`);
  writeFileSync(PAGE, withRows(readFileSync(PAGE, 'utf8'), rows, machineText()));
}

function machineText(): string {
  const { cores, memoryGiB, kernel, system, node } = machineNames();
  const nginx = versionOf('nginx', ['-v'], /nginx\/(\S+)/);
  const haproxy = versionOf('haproxy', ['-v'], /version ([\d.]+)/);
  return `${cores} cores, ${memoryGiB} GiB, Linux ${kernel}, ${system}; Node ${node}, nginx ${nginx}, HAProxy ${haproxy}.`;
}
