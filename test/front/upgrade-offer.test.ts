import { describe, expect, it } from 'vitest';
import { headWithoutOffer, tunnelOffer } from '../../src/front/upgrade-offer.ts';

function offer(headers: string[], minorVersion: 0 | 1 = 1, bodyLength: number | null = 0): string | null {
  return tunnelOffer({ method: 'GET', target: '/', minorVersion, headers }, bodyLength);
}

describe('tunnelOffer', () => {
  it('is what can be taken up', () => {
    expect(offer(['Connection', 'keep-alive, Upgrade', 'Upgrade', 'WebSocket'])).toBe('WebSocket');
    expect(offer(['connection', 'upgrade', 'upgrade', 'h2c, foo/2'])).toBe('foo/2');
  });

  it('is null for what is a plain request', () => {
    const websocket = ['Connection', 'upgrade', 'Upgrade', 'websocket'];
    expect(offer(['Upgrade', 'websocket'])).toBeNull();
    expect(offer(['Connection', 'upgrade'])).toBeNull();
    expect(offer(['Connection', 'upgrade, http2-settings', 'Upgrade', 'H2C'])).toBeNull();
    expect(offer(websocket, 0)).toBeNull();
    expect(offer(websocket, 1, 5)).toBeNull();
    expect(offer(websocket, 1, null)).toBeNull();
  });
});

describe('headWithoutOffer', () => {
  it('is the same head but for the offer', () => {
    const headers = ['hOST', 'a', 'UPGRADE', 'h2c', 'Http2-Settings', 'x', 'X', '\xe9', 'X', ''];
    expect(headWithoutOffer({ method: 'PUT', target: '/a', version: '1.1' }, headers)).toBe(
      'PUT /a HTTP/1.1\r\nhOST: a\r\nX: \xe9\r\nX: \r\n\r\n',
    );
  });
});
