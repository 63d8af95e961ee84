import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ParseInput, parseRoutes } from '../../src/config/parse-routes.ts';
import { RoutesSource } from '../../src/config/routes-source.ts';
import type { Loaded, ReloadReport } from '../../src/model/loaded.ts';
import type { RouteTable } from '../../src/model/route-table.ts';
import { UnusableRoutes } from '../../src/model/unusable-routes.ts';

interface Event {
  readonly report: ReloadReport;
  readonly table: RouteTable | null;
}

let folder: string;
let file: string;
let events: Event[];
let parsed: string[];
let wake: () => void;
const sources: RoutesSource[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-routes-'));
  file = join(folder, 'routes.yaml');
  events = [];
  parsed = [];
});

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await rm(folder, { recursive: true });
});

function source(options: Partial<ConstructorParameters<typeof RoutesSource>[0]> = {}): RoutesSource {
  const made = new RoutesSource({
    file,
    env: {},
    stateDir: null,
    parse: async (input: ParseInput): Promise<Loaded> => {
      parsed.push(input.text);
      return parseRoutes(input.text, input);
    },
    onReload: (report, table) => {
      events.push({ report, table });
      wake?.();
    },
    ...options,
  });
  sources.push(made);
  return made;
}

/** The n-th event, as soon as it is there. */
async function event(n: number): Promise<Event> {
  while (events.length <= n) {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  return events[n] as Event;
}

function legacyAt(host: string): string {
  return `legacy: http://${host}:8080\nfeatures:\n  orders: { url: http://orders, stage: live }\n`;
}

function hostOf(table: RouteTable | null | undefined): string | undefined {
  return table?.legacy.urls[0]?.host;
}

describe('at start', () => {
  it('loads the table', async () => {
    await writeFile(file, legacyAt('one'));
    const { table, report } = await source().load();
    expect(hostOf(table)).toBe('one');
    expect(report).toMatchObject({ result: 'applied', revision: table.revision, fromState: false });
  });

  it.each([
    ['there is none', async () => undefined, 'does not exist'],
    ['it is a folder', () => mkdir(file), 'is a directory'],
    ['it is empty', () => writeFile(file, ''), 'the file is empty'],
    ['it is bad', () => writeFile(file, 'legacy: 1\n'), 'must be a url'],
  ])('fails when %s', async (_, prepare, message) => {
    await prepare();
    const failure = await source()
      .load()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnusableRoutes);
    expect((failure as UnusableRoutes).issues[0]?.message).toContain(message);
  });

  it('falls back to the last good file, with the environment that it had', async () => {
    const stateDir = join(folder, 'state');
    await writeFile(file, `legacy: $\{URL}\n`);
    await source({ stateDir, env: { URL: 'http://one' } }).load();
    await writeFile(file, 'legacy: [\n');
    const { table, report } = await source({ stateDir }).load();
    expect(hostOf(table)).toBe('one');
    expect(report).toMatchObject({ result: 'rejected', fromState: true, revision: table.revision });
    expect(report.issues[0]?.severity).toBe('error');
  });

  it('fails when the last good file is of no use either', async () => {
    await writeFile(
      join(folder, 'last-good.json'),
      JSON.stringify({ version: 1, text: 'legacy: 1', env: {} }),
    );
    const failure = source({ stateDir: folder }).load();
    await expect(failure).rejects.toThrow(UnusableRoutes);
    await expect(failure).rejects.toMatchObject({
      issues: [
        { message: 'does not exist' },
        { file: folder, message: 'holds no last good routes file to start with' },
      ],
    });
  });

  it('goes on with a warning when the state folder cannot be written', async () => {
    await writeFile(file, legacyAt('one'));
    await writeFile(join(folder, 'not-a-folder'), '');
    const { report } = await source({ stateDir: join(folder, 'not-a-folder') }).load();
    expect(report.result).toBe('applied');
    expect(report.issues).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('cannot be kept') },
    ]);
  });
});

describe('an edit', () => {
  beforeEach(async () => {
    await writeFile(file, legacyAt('one'));
    await source().load();
  });

  const edits: Record<string, () => Promise<void>> = {
    'in place': () => writeFile(file, legacyAt('two')),
    'by rename': async () => {
      await writeFile(`${file}.tmp`, legacyAt('two'));
      await rename(`${file}.tmp`, file);
    },
    'by delete and create': async () => {
      await rm(file);
      await writeFile(file, legacyAt('two'));
    },
    'with the old time stamp and size': async () => {
      await writeFile(file, legacyAt('two'));
      await utimes(file, 1, 1);
    },
  };

  it.each(Object.keys(edits))('%s is live within a second', async (kind) => {
    const start = performance.now();
    await edits[kind]?.();
    const { report, table } = await event(0);
    expect(performance.now() - start).toBeLessThan(1_000);
    expect(report.result).toBe('applied');
    expect(hostOf(table)).toBe('two');
  });

  it('half-written in between is never applied, be it good YAML or not', async () => {
    const whole = `${legacyAt('two')}routes:\n  - match: { prefix: /a }\n    to: orders\n  - match: { prefix: /b }\n    to: orders\n`;
    await writeFile(file, whole);
    await event(0);
    const changed = whole.replace('two', 'three');
    const handle = await open(file, 'w');
    for (const part of [changed.slice(0, 60), changed.slice(60, 100), changed.slice(100)]) {
      await handle.write(part);
      await handle.sync();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await handle.close();
    const { table } = await event(1);
    expect(events).toHaveLength(2);
    expect(hostOf(table)).toBe('three');
    expect(table?.routes).toHaveLength(2);
  });

  it('that is bad is rejected with its issues, and mended later', async () => {
    await writeFile(file, 'legacy: 1\n');
    const bad = await event(0);
    expect(bad).toMatchObject({ table: null, report: { result: 'rejected' } });
    expect(bad.report.issues[0]?.message).toContain('must be a url');
    await writeFile(file, legacyAt('two'));
    expect(await event(1)).toMatchObject({ report: { result: 'applied', issues: [] } });
  });

  it('that is bad and taken back reports unchanged', async () => {
    await writeFile(file, 'legacy: 1\n');
    await event(0);
    await writeFile(file, legacyAt('one'));
    expect(await event(1)).toMatchObject({ table: null, report: { result: 'unchanged' } });
  });

  it.each([
    ['emptied', () => writeFile(file, ''), 'the file is empty'],
    ['deleted', () => rm(file), 'does not exist'],
    ['made a folder', () => rm(file).then(() => mkdir(file)), 'is a directory'],
    ['not UTF-8', () => writeFile(file, Buffer.from([0x61, 0xe9])), 'is not UTF-8'],
  ])('%s is rejected', async (_, edit, message) => {
    await edit();
    const { report, table } = await event(0);
    expect(table).toBeNull();
    expect(report.result).toBe('rejected');
    expect(report.issues[0]?.message).toContain(message);
  });

  it('one after the other ends with the newest', async () => {
    for (let i = 0; i < 20; i++) await writeFile(file, legacyAt(`host${i}`));
    let n = 0;
    while (hostOf((await event(n)).table) !== 'host19') n++;
    expect(n).toBeLessThan(20);
  });
});

describe('a file behind symbolic links, as a ConfigMap is', () => {
  it('follows their swap', async () => {
    for (const version of ['one', 'two']) {
      await mkdir(join(folder, `..${version}`));
      await writeFile(join(folder, `..${version}`, 'routes.yaml'), legacyAt(version));
    }
    await symlink('..one', join(folder, '..data'));
    await symlink('..data/routes.yaml', file);
    await source().load();
    await symlink('..two', join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(hostOf((await event(0)).table)).toBe('two');
  });
});

describe('LEGACY_ONLY', () => {
  const legacyOnly = () => join(folder, 'LEGACY_ONLY');

  beforeEach(async () => {
    await writeFile(file, legacyAt('one'));
    await source().load();
  });

  it('acts when it comes, changes and goes', async () => {
    await writeFile(legacyOnly(), 'orders\n');
    expect((await event(0)).table?.legacyOnly).toEqual({
      everything: false,
      features: ['orders'],
      routes: [],
    });
    await writeFile(legacyOnly(), '');
    expect((await event(1)).table?.legacyOnly.everything).toBe(true);
    await rm(legacyOnly());
    expect((await event(2)).table?.legacyOnly.everything).toBe(false);
  });

  it('acts on the table in force while routes.yaml is bad', async () => {
    await writeFile(file, 'legacy: http://two:99999\n');
    expect((await event(0)).table).toBeNull();
    await writeFile(legacyOnly(), 'orders\n');
    const { report, table } = await event(1);
    expect(report.issues.map(({ message }) => message)).toEqual(['"99999" is not a port: 1 to 65535']);
    expect(report).toMatchObject({ result: 'rejected', revision: table?.revision });
    expect(table?.legacyOnly.features).toEqual(['orders']);
    expect(hostOf(table)).toBe('one');
    await rm(legacyOnly());
    expect((await event(2)).table?.legacyOnly.features).toEqual([]);
  });

  it('that cannot be read means everything', async () => {
    await mkdir(legacyOnly());
    expect((await event(0)).table?.legacyOnly.everything).toBe(true);
  });
});

describe('reload', () => {
  it('reports also when nothing changed', async () => {
    await writeFile(file, legacyAt('one'));
    const made = source();
    const { table } = await made.load();
    await made.reload();
    expect(events).toMatchObject([
      { table: null, report: { result: 'unchanged', revision: table.revision } },
    ]);
    expect(parsed).toHaveLength(1);
  });

  it('rejects a bad file at once', async () => {
    await writeFile(file, legacyAt('one'));
    const made = source({ timing: { beatMs: 60_000, graceMs: 60_000 } });
    await made.load();
    await writeFile(file, 'legacy: 1\n');
    await made.reload();
    expect(events.at(-1)?.report.result).toBe('rejected');
  });
});

describe('state', () => {
  it('keeps each good file and no bad one', async () => {
    await writeFile(file, legacyAt('one'));
    const made = source({ stateDir: folder });
    await made.load();
    await writeFile(file, legacyAt('two'));
    await event(0);
    await writeFile(file, 'legacy: 1\n');
    await event(1);
    expect(await readFile(join(folder, 'last-good.json'), 'utf8')).toContain('http://two');
  });

  it('lets a good file take over', async () => {
    const stateDir = join(folder, 'state');
    await writeFile(file, legacyAt('one'));
    await source({ stateDir }).load();
    await writeFile(file, 'legacy: 1\n');
    await source({ stateDir }).load();
    await writeFile(file, legacyAt('one'));
    expect(await event(events.length)).toMatchObject({ report: { result: 'applied', fromState: false } });
  });
});

it('outlives a parser that fails', async () => {
  await writeFile(file, legacyAt('one'));
  let isBroken = false;
  const parse = async (input: ParseInput): Promise<Loaded> => {
    if (isBroken) throw new Error('out of order');
    return parseRoutes(input.text, input);
  };
  await source({ parse }).load();
  isBroken = true;
  await writeFile(file, legacyAt('two'));
  expect((await event(0)).report.issues[0]?.message).toContain('out of order');
  isBroken = false;
  await writeFile(file, legacyAt('three'));
  expect(hostOf((await event(1)).table)).toBe('three');
});

it('says nothing after close', async () => {
  await writeFile(file, legacyAt('one'));
  const made = source();
  await made.load();
  await writeFile(file, legacyAt('two'));
  await made.close();
  const count = events.length;
  await chmod(file, 0o644);
  await writeFile(file, legacyAt('three'));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(events).toHaveLength(count);
});
