import { describe, expect, it } from 'vitest';
import { seeded } from '../../support/seeded.ts';
import { withHttp2 } from './http2-bench.ts';
import { playConversations } from './play-conversations.ts';

describe('HTTP/2 front: conversations by chance', () => {
  const bench = withHttp2({ headerTimeoutMs: 500, keepAliveMs: 1000, bodyTimeoutMs: 500 });

  it('end no other, are no fault of the router’s, and leave nothing behind', async () => {
    const { exchanges } = await playConversations(bench(), seeded(20), (count) => count >= 1000);
    expect(exchanges).toBeGreaterThan(1000);
  });
});
