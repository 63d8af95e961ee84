import type { Discovery } from '../../src/live/discovery.ts';

/** Discovery whose answers the test gives. */
export interface FakeDiscovery extends Discovery {
  /** From now on the name has these addresses. */
  answer(host: string, ...addresses: string[]): void;
  /** Names that somebody watches. */
  watched(): string[];
  readonly askedSoon: string[];
}

/** Starts without any answers. */
export function fakeDiscovery(): FakeDiscovery {
  const addresses = new Map<string, string[]>();
  const watchers = new Set<{ readonly host: string; readonly changed: () => void }>();
  const askedSoon: string[] = [];
  return {
    askedSoon,
    watch(host, changed) {
      const watcher = { host, changed };
      watchers.add(watcher);
      return {
        addresses: () => addresses.get(host) ?? null,
        status: () => ({ host, answeredAt: addresses.has(host) ? 1 : null, problem: null }),
        asked: addresses.has(host) ? Promise.resolve() : new Promise<void>(() => {}),
        stop: () => watchers.delete(watcher),
      };
    },
    askSoon: (host) => void askedSoon.push(host),
    close: () => watchers.clear(),
    answer(host, ...given) {
      addresses.set(host, given);
      for (const watcher of [...watchers]) if (watcher.host === host) watcher.changed();
    },
    watched: () => [...watchers].map((watcher) => watcher.host).sort(),
  };
}
