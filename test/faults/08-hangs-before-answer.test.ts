import { expect } from 'vitest';
import { expectLimitHeld, hangText, measureHang } from './hanging-feature.ts';
import { scenario } from './scenario.ts';

scenario({
  number: '8',
  title: 'feature never answers; limit of 1 s',
  aim: '504 at 1 s ± 100 ms; others unmoved',
  measure: (trial) => measureHang(trial, (_, reply) => reply.takeOver()),
  text: hangText,
  meets: (figures) => {
    expect(figures.whole).toEqual({ 504: figures.tookMs.length });
    expectLimitHeld(figures);
  },
});
