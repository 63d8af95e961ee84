/** How often one of those who wait tries again. */
const PROBE_MS = 100;

/**
 * The requests that wait for one backend while none of its endpoints accepts. One of them at a time tries whether it
 * is back, the others wait for its word: a backend that comes up is not met by a storm, nor the router by its own.
 */
export class HoldLine {
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private stopListening: (() => void) | null = null;
  private readonly listen: (changed: () => void) => () => void;

  /** @param listen Calls back when the backend's endpoints changed; returns how to stop that. */
  constructor(listen: (changed: () => void) => () => void) {
    this.listen = listen;
  }

  /** Calls `go` once, when it is this one's turn to try or a connection was made. Returns how to leave the line. */
  wait(go: () => void): () => void {
    if (this.waiting.size === 0) this.open();
    this.waiting.add(go);
    return () => {
      if (this.waiting.delete(go) && this.waiting.size === 0) this.close();
    };
  }

  /** A connection was made: the backend is there for all. */
  connected(): void {
    if (this.waiting.size === 0) return;
    const all = [...this.waiting];
    this.waiting.clear();
    this.close();
    for (const go of all) go();
  }

  private open(): void {
    this.timer = setInterval(() => this.probe(), PROBE_MS);
    this.stopListening = this.listen(() => this.probe());
  }

  private close(): void {
    clearInterval(this.timer);
    this.stopListening?.();
    this.stopListening = null;
  }

  /** The one who has waited longest tries; if it fails it comes back to the end of the line. */
  private probe(): void {
    const [first] = this.waiting;
    if (first === undefined) return;
    this.waiting.delete(first);
    if (this.waiting.size === 0) this.close();
    first();
  }
}
