/** Builds of Banyan that nobody changes while they are measured: of the work tree as it is, or of a commit. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { BanyanBuild } from '../peers/banyan.ts';

/** Where builds may be put, and how they are thrown away. */
export interface BuildPlace {
  /** The work tree. */
  readonly root: string;
  /** A temporary folder of this run. */
  readonly folder: string;
  /** Called at the end, in the reverse order, also after Ctrl-C. */
  readonly onEnd: (clean: () => void) => void;
  readonly say: (text: string) => void;
}

/** Below node_modules, so that a copy finds the dependencies that the tree has. */
const CACHE = 'node_modules/.cache/banyan-bench';

/** Of the work tree: built in place, then copied, since others may build meanwhile. */
export function buildOfWorkTree({ root, onEnd, say }: BuildPlace): BanyanBuild {
  say('building the work tree');
  run(root, process.execPath, ['scripts/build.mjs']);
  const folder = path.join(root, CACHE, `${process.pid}-tree`);
  onEnd(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  cpSync(path.join(root, 'dist'), folder, { recursive: true });
  return { folder, version: `${versionIn(root)} (${describe(root)})` };
}

/** Of a commit: a work tree of its own, with its own dependencies unless they are the same. */
export function buildOfCommit(commit: string, { root, folder, onEnd, say }: BuildPlace): BanyanBuild {
  const hash = git(root, ['rev-parse', '--verify', '--short', `${commit}^{commit}`]);
  const tree = path.join(folder, `tree-${hash}`);
  onEnd(() => {
    run(root, 'git', ['worktree', 'remove', '--force', tree]);
  });
  git(root, ['worktree', 'add', '--quiet', '--detach', tree, hash]);
  if (textOf(root, 'package-lock.json') === textOf(tree, 'package-lock.json')) {
    symlinkSync(path.join(root, 'node_modules'), path.join(tree, 'node_modules'));
  } else {
    say(`npm ci for ${commit}`);
    run(tree, 'npm', ['ci', '--no-audit', '--no-fund', '--silent']);
  }
  say(`building ${commit}`);
  run(tree, process.execPath, ['scripts/build.mjs']);
  return { folder: path.join(tree, 'dist'), version: `${versionIn(tree)} (${hash})` };
}

/** The newest tag that this commit stems from; null if there is none. */
export function lastTag(root: string): string | null {
  try {
    return git(root, ['describe', '--tags', '--abbrev=0']);
  } catch {
    return null;
  }
}

/** The commit, with a word when the tree differs from it. Not a git tree: `no commit`. */
function describe(root: string): string {
  try {
    const hash = git(root, ['rev-parse', '--short', 'HEAD']);
    return git(root, ['status', '--porcelain', 'src']) === '' ? hash : `${hash} and changes`;
  } catch {
    return 'no commit';
  }
}

function versionIn(root: string): string {
  const manifest = JSON.parse(textOf(root, 'package.json')) as { version?: string };
  return manifest.version ?? 'unknown';
}

function textOf(folder: string, file: string): string {
  return readFileSync(path.join(folder, file), 'utf8');
}

function git(root: string, args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function run(cwd: string, command: string, args: readonly string[]): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
