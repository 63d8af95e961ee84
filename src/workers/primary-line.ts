import cluster from 'node:cluster';
import type { ToPrimary, ToWorker } from './messages.ts';

/** A worker's end of the line to the primary. */
export interface PrimaryLine {
  /** Resolves when the message has left this process, or cannot: then nobody is there to miss it. */
  tell(message: ToPrimary): Promise<void>;
  onMessage(take: (message: ToWorker) => void): void;
  /** The primary is gone, and with it the listening socket. */
  onGone(then: () => void): void;
}

/** The line of this process; null when nobody started it as a worker. */
export function openPrimaryLine(): PrimaryLine | null {
  const { worker } = cluster;
  if (worker === undefined) return null;
  // Without it Node ends a worker at once when the primary is gone, and its exchanges with it.
  worker.exitedAfterDisconnect = true;
  return {
    tell: (message) =>
      new Promise((resolve) => {
        if (worker.isConnected()) worker.send(message, () => resolve());
        else resolve();
      }),
    onMessage: (take) => void worker.on('message', take),
    onGone: (then) => void worker.once('disconnect', then),
  };
}
