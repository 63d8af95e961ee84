import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { filesBelow, ROOT } from './source-files.ts';

/** A page of the documentation. */
export interface Page {
  /** From the root on: `docs/failures.md`. */
  readonly file: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface CodeBlock {
  /** The word after the fence; '' for none. */
  readonly language: string;
  readonly text: string;
  /** 1-based line of its first line. */
  readonly line: number;
}

/** One page. */
export function pageAt(file: string): Page {
  return { file, text: readFileSync(path.join(ROOT, file), 'utf8') };
}

/** Every page: those at the root, and those of the folders that hold some. */
export function allPages(): readonly Page[] {
  const atRoot = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
  const below = ['docs', 'deploy', 'examples', 'test'].flatMap((folder) => filesBelow(folder, '.md'));
  return [...atRoot, ...below].map(pageAt);
}

/** The fenced blocks of a page, in order. */
export function codeBlocksOf({ text }: Page): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { fence: string; language: string; lines: string[]; line: number } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^\s*(```+)(\w*)/.exec(line);
    if (open === null && fence !== null) {
      open = { fence: fence[1] as string, language: fence[2] ?? '', lines: [], line: index + 2 };
    } else if (open !== null && line.trim() === open.fence) {
      blocks.push({ language: open.language, text: `${open.lines.join('\n')}\n`, line: open.line });
      open = null;
    } else open?.lines.push(line);
  }
  return blocks;
}

/** The text without its fenced blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(/^\s*(```+)[\s\S]*?^\s*\1$/gm, '');
}

/** Where its links lead, but to other hosts: `{ file, anchor }`, the file from the root on, the anchor '' for none. */
export function linksOf(page: Page): readonly { readonly file: string; readonly anchor: string }[] {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links
    .filter((to) => !/^[a-z]+:/.test(to))
    .map((to) => {
      const [file = '', anchor = ''] = to.split('#');
      const from = path.posix.dirname(page.file);
      return { file: file === '' ? page.file : path.posix.normalize(path.posix.join(from, file)), anchor };
    });
}

/** The anchors that a page's headings make, as GitHub forms them. */
export function anchorsOf(page: Page): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** True if the project has such a file or folder. */
export function exists(file: string): boolean {
  return existsSync(path.join(ROOT, file));
}
