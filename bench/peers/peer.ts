/** A proxy that is measured: how it is set up, and which version it is. */

/** What a peer's configuration is made of. */
export interface PeerSetting {
  readonly port: number;
  readonly backendPort: number;
  /** Prefixes, each a route to the backend; the last one is asked for. */
  readonly prefixes: readonly string[];
  /** An own folder for its files. */
  readonly folder: string;
}

/** What to start. */
export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written into the folder before. */
  readonly files: Readonly<Record<string, string>>;
}

/** One kind of proxy. */
export interface Peer {
  /** For `--peers`. */
  readonly id: string;
  readonly title: string;
  /** Whether its configuration has routes at all: workloads about routes ask only these. */
  readonly hasRoutes: boolean;
  /** What it writes and how it was set, in a few words, for the page. */
  readonly setup: string;
  /** Null when it is there; else what is missing and how to get it. */
  readonly missing: () => string | null;
  readonly version: () => string;
  readonly start: (setting: PeerSetting) => PeerCommand;
}
