import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createAdmin } from '../../src/admin/create-admin.ts';
import { depsOf } from '../admin/admin-samples.ts';
import { until } from '../support/until.ts';

/** Scrapers that ask for megabytes of metrics and read none of them. */

it('are cut, and make room for the health check', async () => {
  let isCut = false;
  const admin = createAdmin(
    depsOf({
      metrics: {
        contentType: 'text/plain',
        async *exposition() {
          try {
            for (;;) yield 'a 1\n'.repeat(16_384);
          } finally {
            isCut = true;
          }
        },
      },
    }),
    { stallMs: 200 },
  );
  const { port } = await admin.listen({ host: '127.0.0.1', port: 0 });
  const slow = connect(port, '127.0.0.1').pause();
  slow.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  try {
    await until(
      () => isCut,
      (cut) => cut,
    );
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  } finally {
    slow.destroy();
    await admin.close();
  }
});
