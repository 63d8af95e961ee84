import { expect } from 'vitest';
import { expectLimitHeld, hangText, measureHang } from './hanging-feature.ts';
import { scenario } from './scenario.ts';

scenario({
  number: '9',
  title: 'feature stops in the middle of a body; limit of 1 s',
  aim: 'cut at 1 s ± 100 ms, not a clean end; others unmoved',
  measure: (trial) =>
    measureHang(trial, (_, reply) => {
      reply.takeOver();
      reply.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    }),
  text: hangText,
  meets: (figures) => {
    expect(figures.whole).toEqual({});
    expect(figures.cut).toBe(figures.tookMs.length);
    expectLimitHeld(figures);
  },
});
