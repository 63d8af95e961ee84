import { afterEach, beforeEach } from 'vitest';
import type { FrontLimits } from '../../../src/model/exchange.ts';
import { type CreateFront, FrontBench } from './front-bench.ts';

/** Gives each test of a block a front of its own; call it inside `describe`. */
export function withFront(createFront: CreateFront, limits: Partial<FrontLimits> = {}): () => FrontBench {
  let bench: FrontBench;
  beforeEach(async () => {
    bench = await FrontBench.start(createFront, limits);
  });
  afterEach(() => bench.stop());
  return () => bench;
}
