import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { nodeUnderTest } from '../../support/start-router.ts';

/** A program that does something in the shell, and becomes Node. */
export interface ShellNode {
  readonly file: string;
  remove(): Promise<void>;
}

/** Node with so many file descriptors. */
export function limitedNode(descriptors: number): Promise<ShellNode> {
  return shellNode((node) => `${limit(descriptors)}; exec ${node} "$@"`);
}

/** Before a command of the shell. */
export function limit(descriptors: number): string {
  return `ulimit -n ${descriptors}`;
}

/** `script` is given what Node is called by, and ends by becoming it. */
export async function shellNode(script: (node: string) => string): Promise<ShellNode> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-node-'));
  const file = path.join(folder, 'node');
  await writeFile(file, `#!/bin/bash\n${script(`'${nodeUnderTest()}'`)}\n`);
  await chmod(file, 0o755);
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}
