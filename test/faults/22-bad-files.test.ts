import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { sleep, until } from '../support/until.ts';
import { LatencyWatch } from './latency-watch.ts';
import type { StartedProxy } from './proxies/proxy.ts';
import { scenario } from './scenario.ts';

/** Ways in which a file is bad: each puts it there. `whole` is the text that was in force. */
const BAD: Readonly<Record<string, (file: string, whole: string) => Promise<unknown>>> = {
  empty: (file) => writeFile(file, ''),
  'white space': (file) => writeFile(file, ' \n\n'),
  truncated: (file, whole) => writeFile(file, whole.slice(0, whole.indexOf('routes:') + 20)),
  'half a line': (file, whole) => writeFile(file, whole.slice(0, 15)),
  'not YAML': (file) => writeFile(file, 'legacy: [unclosed\n'),
  binary: (file) => writeFile(file, Buffer.from([0, 255, 254, 0, 1, 2, 200])),
  'an unknown key': (file, whole) => writeFile(file, `${whole}legacyy: http://x\n`),
  'an unknown feature': (file, whole) => writeFile(file, whole.replace('to: feature', 'to: featura')),
  'an alias bomb': (file) => writeFile(file, aliasBomb()),
  'nested 10 000 deep': (file) => writeFile(file, `legacy: ${'['.repeat(10_000)}`),
  'a slow regex': (file, whole) =>
    writeFile(file, whole.replace('{ prefix: /feature }', '{ regex: "^/(a+)+(?=b)$" }')),
  'an unset variable': (file, whole) => writeFile(file, whole.replace(/http:\S+/, '${NOT_SET_ANYWHERE}')),
  'a directory': async (file) => {
    await rm(file);
    await mkdir(file);
  },
  missing: (file) => rm(file),
  // Root may read everything.
  ...(process.getuid?.() === 0 ? {} : { 'no permission': (file: string) => chmod(file, 0) }),
  'a link to nothing': (file) => swapLink(file, `${file}.nowhere`),
  'a link to itself': (file) => swapLink(file, file),
};

function aliasBomb(): string {
  const levels = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]' : `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}x]`,
  );
  return `legacy: http://x\n${levels.join('\n')}\n`;
}

/** As Kubernetes changes a ConfigMap. */
async function swapLink(file: string, to: string): Promise<void> {
  await symlink(to, `${file}.link`);
  await rename(`${file}.link`, file);
}

/** Each kind of bad file in turn, the good one in between, while a client asks. */
scenario({
  number: '22',
  title: `${Object.keys(BAD).length} kinds of bad file in turn: empty, cut off, binary, an alias bomb, a directory, missing, a link to itself … (the others: nonsense)`,
  aim: 'the old table serves; gauge 0; others wait < 100 ms',
  measure: async (trial) => {
    const backend = await trial.backend('feature');
    const shop = { legacy: backend.port, feature: [backend.port] };
    const proxy = await trial.start(shop);
    const watch = new LatencyWatch(proxy.port, '/feature');
    trial.atEnd(() => watch.stop());
    await sleep(1_000);
    const calm = watch.take();
    const unnoticed: string[] = [];
    if (proxy.kind === 'banyan') {
      for (const kind of Object.keys(BAD)) if (!(await isNoticed(proxy, kind))) unnoticed.push(kind);
    } else {
      await proxy.spoil();
      await sleep(2_000);
    }
    return { ...watch.take(), calmMs: calm.slowestMs, unnoticed, kind: proxy.kind };
  },
  text: ({ count, failed, slowestMs, calmMs, unnoticed, kind }) =>
    `${count - failed} × 2xx, ${failed} failed, the slowest after ${slowestMs} ms (${calmMs} ms before)${kind === 'banyan' ? `; ${unnoticed.length} unnoticed` : ''}`,
  meets: ({ failed, slowestMs, calmMs, unnoticed }) => {
    expect(unnoticed).toEqual([]);
    expect(failed).toBe(0);
    expect(slowestMs).toBeLessThan(100 + calmMs);
  },
});

/** The gauge goes to 0 with the bad file, and to 1 with the good one after it. */
async function isNoticed({ router }: StartedProxy, kind: string): Promise<boolean> {
  const { routesFile } = router;
  const whole = await readFile(routesFile, 'utf8');
  const gauge = (value: number): Promise<boolean> =>
    until(
      () => router.metric('banyan_config_last_reload_successful'),
      (seen) => seen === value,
    ).then(
      () => true,
      () => false,
    );
  await BAD[kind]?.(routesFile, whole);
  const wasNoticed = await gauge(0);
  await rm(routesFile, { recursive: true, force: true });
  await writeFile(`${routesFile}.good`, whole);
  await rename(`${routesFile}.good`, routesFile);
  return (await gauge(1)) && wasNoticed;
}
