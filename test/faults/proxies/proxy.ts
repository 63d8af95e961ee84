/** A proxy under test: Banyan, or one of those that it is compared with, before the same backends. */
import type { RunningRouter } from '../../support/start-router.ts';

/** Which one. */
export type ProxyKind = 'banyan' | 'nginx' | 'haproxy' | 'caddy';

/** What the proxy stands before: `/feature` is the feature's, all else legacy's. */
export interface Shop {
  /** Port of legacy on 127.0.0.1. */
  readonly legacy: number;
  /** Ports of the feature's endpoints on 127.0.0.1; or a name, found by asking a name server at this address. */
  readonly feature:
    | readonly number[]
    | { readonly name: string; readonly port: number; readonly nameServer: string };
  /** Legacy answers when the feature cannot. */
  readonly fallback?: boolean;
  /** How long a backend may be silent before its answer and in it, ms. Default: a minute. */
  readonly silenceMs?: number;
  /** Further keys of the feature in routes.yaml, one a line. */
  readonly keys?: readonly string[];
  /** `/feature` is legacy's too, as long as the route is not there. */
  readonly isMovedAway?: boolean;
}

/** How it is started. */
export interface ProxyOptions {
  /** How many file descriptors it may have. */
  readonly descriptors?: number;
  /** For Banyan alone. */
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly nodeFlags?: readonly string[];
  /** A program that stands for Node. */
  readonly node?: string;
}

/** It takes connections. */
export interface StartedProxy {
  readonly kind: ProxyKind;
  readonly port: number;
  /** All its processes at the moment. */
  pids(): readonly number[];
  /** Puts it before other backends without stopping it: by an edit, or by its signal for a reload. */
  reload(shop: Shop): Promise<void>;
  /** The same with a file that cannot be used. */
  spoil(): Promise<void>;
  /** Tells it to finish what is under way and end, by its own signal for that; resolves when it has ended. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Banyan's. @throws for others */
  readonly router: RunningRouter;
}
