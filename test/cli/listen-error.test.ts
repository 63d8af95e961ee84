import { describe, expect, it } from 'vitest';
import { explainListenError } from '../../src/cli/listen-error.ts';
import { parseSettings } from '../../src/settings.ts';

const flags = { listen: '0.0.0.0:80', admin: '[::1]:9901' };
const settings = parseSettings({ flags, env: {}, terminal: false }).settings!;
const error = (fields: Record<string, unknown>): Error => Object.assign(new Error('listen'), fields);

describe('explainListenError', () => {
  it.each([
    [{ code: 'EACCES', port: 80, address: '0.0.0.0' }, '0.0.0.0:80 (--listen): the system does not allow it'],
    [
      { code: 'EADDRINUSE', port: 9901, address: '::1' },
      '[::1]:9901 (--admin): another process listens there already',
    ],
    [
      { code: 'EADDRNOTAVAIL', port: 9901, address: '::1' },
      '[::1]:9901 (--admin): this machine has no such address',
    ],
  ])('%j', (fields, expected) => {
    expect(explainListenError(error(fields), settings)).toContain(`banyan: cannot listen on ${expected}`);
  });

  it('tells a name that has no address by its host name', () => {
    const named = parseSettings({
      flags: { ...flags, admin: 'nowhere.test:9901' },
      env: {},
      terminal: false,
    });
    const failed = error({ code: 'ENOTFOUND', hostname: 'nowhere.test', syscall: 'getaddrinfo' });
    expect(explainListenError(failed, named.settings!)).toBe(
      'banyan: cannot listen on nowhere.test:9901 (--admin): there is no such name',
    );
  });

  it('has no word for other errors', () => {
    expect(explainListenError(new TypeError('x'), settings)).toBeNull();
    expect(explainListenError(error({ code: 'ENOENT' }), settings)).toBeNull();
  });
});
