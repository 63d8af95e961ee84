import { setImmediate } from 'node:timers/promises';

/** How long a slice may hold the event loop, in ms, unless said otherwise. */
const SLICE_MS = 8;

/** How work is cut; tests hand in their own pause. */
export interface Slicing {
  readonly sliceMs?: number;
  readonly pause?: () => Promise<unknown>;
}

/** Does work that is written as a generator at once. */
export function atOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the same, giving way to the event loop after each slice: for tables of thousands of routes under load. */
export async function inSlices<T>(
  steps: Generator<void, T>,
  { sliceMs = SLICE_MS, pause = () => setImmediate() }: Slicing = {},
): Promise<T> {
  let started = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - started < sliceMs) continue;
    await pause();
    started = performance.now();
  }
}
