import type { Logger } from 'pino';
import { createLogSink, type LogSink } from './observe/log-sink.ts';
import { createLogger } from './observe/logger.ts';
import type { Settings } from './settings.ts';

/** Where a router logs: lines of its own go through the logger, the access log straight to the sink. */
export interface Logs {
  readonly logger: Logger;
  readonly sink: LogSink;
  /** What goes to standard error, whole lines. */
  readonly errorSink: LogSink;
  /** Writes out what is waiting, for at most so many ms. */
  flush(limitMs: number): Promise<unknown>;
  /** Writes out what can be written of it before it returns: at the very end of the process. */
  writeLastLines(): void;
}

/**
 * The logs of a process. They are there before a router is, and after it. Both on standard output; in the combined
 * format, whose readers take nothing else, the router's own lines go to standard error. `lingerMs`: how long a line may
 * wait for others, for a reader that is woken by each write.
 */
export function openLogs(settings: Settings, hasColors: boolean, lingerMs?: number): Logs {
  const linger = lingerMs === undefined ? {} : { lingerMs };
  const sink = createLogSink({ fd: 1, ...linger });
  const { logFormat: format, logLevel: level } = settings;
  const errorSink = createLogSink({ fd: 2 });
  const own = format === 'combined' ? errorSink : sink;
  return {
    sink,
    errorSink,
    logger: createLogger({ sink: own, format, level, hasColors }),
    flush: (limitMs) => Promise.all([sink.flush(limitMs), errorSink.flush(limitMs)]),
    writeLastLines() {
      sink.writeLastLines();
      errorSink.writeLastLines();
    },
  };
}
