import type { Logger } from 'pino';
import { createLogSink, type LogSink } from './observe/log-sink.ts';
import { createLogger } from './observe/logger.ts';
import type { Settings } from './settings.ts';

/** Where a router logs: lines of its own go through the logger, the access log straight to the sink. */
export interface Logs {
  readonly logger: Logger;
  readonly sink: LogSink;
}

/** The logs of a process, on its standard output. They are there before a router is, and after it. */
export function openLogs(settings: Settings, hasColors: boolean): Logs {
  const sink = createLogSink({ fd: 1 });
  const { logFormat: format, logLevel: level } = settings;
  return { sink, logger: createLogger({ sink, format, level, hasColors }) };
}
