import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { editFile } from '../../src/cli/edit-file.ts';
import { VerbReport } from '../../src/cli/verb-report.ts';
import { type Saved, saveEdit } from '../../src/config/edit-save.ts';

let folder: string;
let file: string;
let said: { out: string; err: string };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'banyan-edit-'));
  file = path.join(folder, 'a.txt');
  await writeFile(file, 'one\n');
  said = { out: '', err: '' };
});
afterEach(() => rm(folder, { recursive: true }));

const io = {
  out: (text: string): void => {
    said.out += text;
  },
  err: (text: string): void => {
    said.err += text;
  },
};

/** Appends a line. */
function append(line: string, save: typeof saveEdit, json = false) {
  const report = new VerbReport(io, { verb: 'test', json });
  const edited = editFile({
    file,
    dryRun: false,
    color: false,
    report,
    plan: async (before) => ({ kind: 'change', after: `${before}${line}\n`, made: before }),
    save,
  });
  return { report, edited };
}

/** A save that fails so. */
function failing(code: string): typeof saveEdit {
  return async (): Promise<Saved> => ({ kind: 'failed', code });
}

it('begins anew on what somebody else wrote meanwhile', async () => {
  let isFirst = true;
  const { edited } = append('mine', async (request) => {
    if (isFirst) await writeFile(file, 'theirs\n');
    isFirst = false;
    return saveEdit(request);
  });
  expect(await edited).toEqual({ kind: 'written', made: 'theirs\n' });
  expect(await readFile(file, 'utf8')).toBe('theirs\nmine\n');
  expect(said.err).toBe(`${file} was changed by somebody else meanwhile: beginning anew\n`);
});

it('is made in the end where many write at once, and shown as it was made', async () => {
  let others = 0;
  const { edited } = append('mine', async (request) => {
    if (others < 30) await writeFile(file, `theirs ${++others}\n`);
    return saveEdit(request);
  });
  expect((await edited).kind).toBe('written');
  expect(await readFile(file, 'utf8')).toBe('theirs 30\nmine\n');
  expect(said.out.split('+mine\n')).toHaveLength(2);
  expect(said.err.split('beginning anew')).toHaveLength(2);
});

it('gives up when that does not end', async () => {
  const { edited } = append('mine', async () => ({ kind: 'changed_meanwhile' }));
  expect(await edited).toEqual({ kind: 'end', exitCode: 1 });
  expect(said.err).toContain('is being changed by somebody else all the time: nothing was written');
});

it.each([
  [
    'EROFS',
    'it is on a read-only file system. Run this where it can be written (a container’s folder: on the host',
  ],
  ['EACCES', 'permission denied. Run this as somebody who may (a container’s folder: on the host'],
  ['ENOSPC', 'the disk is full. Run this as somebody who may:'],
  ['EWEIRD', 'EWEIRD. Run this as somebody who may:'],
])('says what to run instead after %s', async (code, text) => {
  const { edited, report } = append('mine', failing(code), true);
  expect(await edited).toEqual({ kind: 'end', exitCode: 1 });
  expect(said.err).toContain(`banyan test: ${file} cannot be written: ${text}`);
  expect(said.err).toContain(`\n\n    sed -i -e '1s/$/\\nmine/' ${file}\n`);
  report.end(1);
  expect(JSON.parse(said.out)).toMatchObject({
    verb: 'test',
    exit_code: 1,
    changed: false,
    run_instead: `sed -i -e '1s/$/\\nmine/' ${file}`,
  });
});

it('says that another edit does not end', async () => {
  expect(await append('mine', failing('EEXIST')).edited).toEqual({ kind: 'end', exitCode: 1 });
  expect(said.err).toBe(`banyan test: ${file}: another edit of it is under way, and does not end\n`);
});

it('says what was not replaced whole, and why', async () => {
  const { edited } = append('mine', async () => ({ kind: 'in_place', why: 'it is mounted by itself' }));
  expect((await edited).kind).toBe('written');
  expect(said.err).toBe(
    `warning: ${file} was written over in place, not replaced whole, since it is mounted by itself\n`,
  );
});
