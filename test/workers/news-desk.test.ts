import { expect, it, vi } from 'vitest';
import { NewsDesk } from '../../src/workers/news-desk.ts';

it('says once what every worker finds out, and again when one finds it out again', () => {
  const log = { info: vi.fn(), warn: vi.fn() };
  const desk = new NewsDesk(log);
  const news = { level: 'warn', fields: { host: 'orders' }, message: 'a name cannot be resolved' } as const;
  for (const worker of [1, 2, 3]) desk.take(worker, news);
  expect(log.warn.mock.calls).toEqual([[{ host: 'orders' }, 'a name cannot be resolved']]);
  for (const worker of [3, 1, 2]) desk.take(worker, news);
  expect(log.warn).toHaveBeenCalledTimes(2);
  desk.take(1, { ...news, fields: { host: 'cart' } });
  desk.take(2, { ...news, level: 'info', message: 'addresses changed' });
  expect(log.warn).toHaveBeenCalledTimes(3);
  expect(log.info).toHaveBeenCalledTimes(1);
});
