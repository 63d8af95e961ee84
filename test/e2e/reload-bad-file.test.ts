import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CarveOut } from '../support/carve-out.ts';

/** A bad file changes nothing; the log, the metrics and the admin listener say what is wrong with it. */

let shop: CarveOut;

beforeAll(async () => {
  shop = await CarveOut.open();
});

afterAll(() => shop.close());

describe('a file that cannot be used changes nothing, and it is said why:', () => {
  beforeAll(() => shop.start(shop.before()));

  it.each<[name: string, spoil: (file: string) => Promise<unknown>, message: RegExp]>([
    [
      'a mistake',
      (file) => writeFile(file, `${shop.after()}  - match:\n      prefix: /x\n    to: order\n`),
      /unknown feature "order".*did you mean "orders"/s,
    ],
    ['no YAML', (file) => writeFile(file, 'legacy: [unclosed\nroutes: {'), /./],
    ['empty', (file) => writeFile(file, ''), /legacy|empty/],
    ['a bomb of aliases', (file) => writeFile(file, bomb()), /alias/i],
    ['not UTF-8', (file) => writeFile(file, Buffer.from([0x6c, 0xff, 0xfe, 0x00])), /./],
    ['a directory', (file) => rm(file).then(() => mkdir(file)), /EISDIR|directory/i],
    ['a link to itself', (file) => rm(file).then(() => symlink(file, file)), /ELOOP|link/i],
    ['deleted', (file) => rm(file), /ENOENT|no such file|not exist|not there/i],
  ])('%s', async (_, spoil, message) => {
    await rm(shop.router.routesFile, { recursive: true, force: true });
    await writeFile(shop.router.routesFile, shop.after());
    await shop.lastReload(1);
    await shop.movesTo('orders');
    const { revision } = await shop.config();
    const rejected = await shop.router.metric('banyan_config_reloads_total', { result: 'rejected' });
    const logged = shop.router.logs().length;
    await spoil(shop.router.routesFile);
    await shop.lastReload(0);
    expect(await shop.answeredBy()).toBe('orders');
    const report = await shop.config();
    expect(report.revision).toBe(revision);
    expect(report.last_reload.result).toBe('rejected');
    expect(report.last_reload.issues.map((issue) => issue.message).join('\n')).toMatch(message);
    expect(report.last_reload.text).toContain('routes.yaml');
    expect(await shop.router.metric('banyan_config_reloads_total', { result: 'rejected' })).toBe(
      rejected + 1,
    );
    const errors = shop.router
      .logs()
      .slice(logged)
      .filter((line) => line['level'] === 'error');
    expect(errors.map((line) => line['msg']).join('\n')).toMatch(message);
    expect(errors.map((line) => line['msg']).join('\n')).toContain('routes.yaml');
  });

  function bomb(): string {
    const levels = Array.from(
      { length: 30 },
      (_, i) => `x${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`,
    );
    return `legacy: ${shop.legacy.url}\nx0: &a0 [boom]\n${levels.join('\n')}\n`;
  }
});
