import type { Logger } from 'pino';
import { createLogSink, type LogSink } from './observe/log-sink.ts';
import { createLogger } from './observe/logger.ts';
import type { Settings } from './settings.ts';

/** Where a router logs: lines of its own go through the logger, the access log straight to the sink. */
export interface Logs {
  readonly logger: Logger;
  readonly sink: LogSink;
  /** Writes out what is waiting, for at most so many ms. */
  flush(limitMs: number): Promise<unknown>;
}

/**
 * The logs of a process. They are there before a router is, and after it. Both on standard output; in the combined
 * format, whose readers take nothing else, the router's own lines go to standard error.
 */
export function openLogs(settings: Settings, hasColors: boolean): Logs {
  const sink = createLogSink({ fd: 1 });
  const { logFormat: format, logLevel: level } = settings;
  const own = format === 'combined' ? createLogSink({ fd: 2 }) : sink;
  return {
    sink,
    logger: createLogger({ sink: own, format, level, hasColors }),
    flush: (limitMs) => Promise.all([sink.flush(limitMs), own.flush(limitMs)]),
  };
}
