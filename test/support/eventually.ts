/** Asks again and again until what comes back satisfies `accept`; throws what was last seen when time is up. */
export async function eventually<Value>(
  ask: () => Promise<Value> | Value,
  accept: (value: Value) => boolean,
  { timeoutMs = 5_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Value> {
  const until = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await ask();
      if (accept(value)) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  } while (performance.now() < until);
  throw new Error(
    `not within ${timeoutMs} ms; last seen: ${last instanceof Error ? last.message : JSON.stringify(last)}`,
  );
}
