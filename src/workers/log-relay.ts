import type { Readable } from 'node:stream';
import type { LogSink } from '../observe/log-sink.ts';

/**
 * Lines of a worker on their way to the primary's output, as many at a time as came. One process writes, so that no line is ever torn: what
 * several processes write to one pipe mixes beyond 4 KiB, and a path alone may be longer. A worker's own output is a
 * pipe to here, which never blocks it; what is left of a line whose writer was killed is not shown.
 */
export function relayLines(from: Readable, to: Pick<LogSink, 'write'>): void {
  let rest = '';
  from.setEncoding('utf8');
  from.on('error', () => {});
  from.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) to.write(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
}
