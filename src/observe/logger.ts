import { type Logger, type LoggerOptions, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogFormat, LogLevel } from '../model/log-format.ts';
import type { LogSink } from './log-sink.ts';

/**
 * The log of everything but requests: starts, reloads, endpoints, faults of the router's own. It is never given
 * headers or bodies; the fields that would hold credentials are masked all the same, wherever somebody adds them.
 */

/** Where lines go, which, and how they look. */
export interface LoggerSettings {
  readonly sink: LogSink;
  /** `combined` is a format of requests only: here it means json. */
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Escape sequences for colours, in the pretty format. */
  readonly hasColors?: boolean;
}

const SECRET_FIELDS = ['authorization', 'cookie', 'set-cookie', 'proxy-authorization', 'password', 'token'];

/** The application log. */
export function createLogger({ sink, format, level, hasColors = false }: LoggerSettings): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_FIELDS.flatMap(everywhere), censor: '***' },
  };
  if (format !== 'pretty') return pino(options, { write: (line) => sink.write(line) });
  const pretty = prettyFactory({ colorize: hasColors, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  return pino(options, { write: (line) => sink.write(pretty(line)) });
}

/** The field itself and two levels deep, as `err.headers.cookie`. */
function everywhere(field: string): readonly string[] {
  return [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`];
}
