/** How long to look, and what to say when it never came. */
export interface UntilOptions {
  /** Default 5 000. */
  readonly withinMs?: number;
  readonly what?: string;
}

/**
 * Looks until this holds, for what has no event to wait for (a metric, a file, a process's memory). Gives what was
 * seen last. @throws when it did not come in time.
 */
export async function until<T>(
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  { withinMs = 5_000, what = 'what was waited for' }: UntilOptions = {},
): Promise<T> {
  for (const end = performance.now() + withinMs; ; ) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() > end) {
      throw new Error(`${what} did not come within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`);
    }
    await sleep(10);
  }
}

/** Milliseconds, for what is about time itself. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** Fails with this message when the promise is not settled in time: a hang is then named, not just timed out. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
