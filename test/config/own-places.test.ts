import { describe, expect, it } from 'vitest';
import { ownPlaces } from '../../src/config/own-places.ts';
import { parseRoutes } from '../../src/config/parse-routes.ts';

const MACHINE = { name: 'Router-1', addresses: ['127.0.0.1', '::1', '172.18.0.5', 'fe80::1'] };

function issuesOf(listen: { host: string; port: number }, url: string): string[] {
  const own = ownPlaces({ listen, 'tls-listen': null, admin: { host: '127.0.0.1', port: 9901 } }, MACHINE);
  const input = { file: 'routes.yaml', env: {}, legacyOnlyFile: null, own };
  return parseRoutes(`legacy: ${url}\n`, input).issues.map(({ message }) => message);
}

const EVERYWHERE = { host: '0.0.0.0', port: 8080 };

describe('a backend that is the router itself is refused', () => {
  it.each([
    ['http://localhost:8080', EVERYWHERE],
    ['http://127.0.0.1:8080', EVERYWHERE],
    ['http://127.9.9.9:8080/base', EVERYWHERE],
    ['http://0.0.0.0:8080', EVERYWHERE],
    ['"http://[::1]:8080"', { host: '::', port: 8080 }],
    ['http://172.18.0.5:8080', EVERYWHERE],
    ['"http://[fe80::1]:8080"', EVERYWHERE],
    ['http://router-1:8080', EVERYWHERE],
    ['http://ROUTER-1:8080', EVERYWHERE],
    ['http://router-1', { host: '0.0.0.0', port: 80 }],
    ['https://localhost', { host: '0.0.0.0', port: 443 }],
    ['http://127.0.0.1:8080', { host: 'localhost', port: 8080 }],
    ['http://localhost:8080', { host: '127.0.0.1', port: 8080 }],
    ['http://router-1:8080', { host: '172.18.0.5', port: 8080 }],
  ])('%s, listening on %o', (url, listen) => {
    const { host, port } = listen;
    const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    expect(issuesOf(listen, url)).toEqual([
      `"${url.replaceAll('"', '')}" is this router itself (--listen ${shown}): requests would go round in a circle`,
    ]);
  });

  it('on the admin listener too', () => {
    expect(issuesOf(EVERYWHERE, 'http://localhost:9901')[0]).toContain('--admin 127.0.0.1:9901');
  });

  it('wherever it stands in the file', () => {
    const text =
      'legacy: { urls: ["http://legacy", "http://localhost:8080"] }\nfeatures: { a: "http://localhost:8080" }\n';
    const own = ownPlaces({ listen: EVERYWHERE }, MACHINE);
    const { issues } = parseRoutes(text, { file: 'f', env: {}, legacyOnlyFile: null, own });
    expect(issues.map(({ line, column, severity }) => `${line}:${column} ${severity}`).slice(0, 2)).toEqual([
      '1:35 error',
      '2:16 error',
    ]);
  });
});

describe('a backend that is somebody else is taken', () => {
  it.each([
    ['http://localhost:8081', EVERYWHERE],
    ['http://legacy:8080', EVERYWHERE],
    ['http://172.18.0.6:8080', EVERYWHERE],
    ['http://172.18.0.5:8080', { host: '127.0.0.1', port: 8080 }],
    ['http://localhost:8080', { host: '172.18.0.5', port: 8080 }],
    ['http://localhost:8080', { host: '0.0.0.0', port: 0 }],
  ])('%s, listening on %o', (url, listen) => {
    expect(issuesOf(listen, url)).toEqual([]);
  });
});
