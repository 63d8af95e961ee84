import { parentPort } from 'node:worker_threads';
import { type LoadedPart, partsOf } from './loaded-parts.ts';
import { type ParseInput, parseRoutes } from './parse-routes.ts';

/** The loading thread: parses on request and answers part by part, each when asked for. See `parse-in-thread`. */

/** What the main thread says to it. */
export type ToLoadWorker = { readonly kind: 'parse'; readonly input: ParseInput } | { readonly kind: 'next' };

if (parentPort !== null) {
  const port = parentPort;
  let parts: Iterator<LoadedPart, void> | null = null;
  port.on('message', (message: ToLoadWorker) => {
    if (message.kind === 'parse') parts = partsOf(parseRoutes(message.input.text, message.input));
    const next = parts?.next();
    if (next?.value !== undefined) port.postMessage(next.value);
  });
}
