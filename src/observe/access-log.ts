import { pino } from 'pino';
import type { Rejection } from '../model/exchange.ts';
import { firstValue } from '../model/header-list.ts';
import type { LogFormat, LogLevel } from '../model/log-format.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import { type AccessEntry, entryOf, entryOfRejection } from './access-entry.ts';
import { combinedLine, prettyLine } from './access-formats.ts';
import type { LogSink } from './log-sink.ts';
import { loggableTarget } from './mask-secrets.ts';

/**
 * One line per request, refused ones included, when its answer has ended. A line is of level `info`, or `warn` when
 * the request failed (a failure, or a status of 500 and above): LOG_LEVEL=warn leaves the failed ones, anything
 * higher none. Bodies and header values other than User-Agent, and Referer in the combined format, are never read.
 */

/** Where lines go, which, and how they look. */
export interface AccessLogOptions {
  readonly sink: LogSink;
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Escape sequences for colours, in the pretty format. */
  readonly hasColors?: boolean;
  /** Wall and monotonic clock in ms. */
  readonly wallMs?: () => number;
  readonly nowMs?: () => number;
}

type Severity = 'info' | 'warn';

/** Writes an entry; what it was made of is at hand for what only one format shows. */
type EntryWriter = (severity: Severity, entry: AccessEntry, source: Outcome | Rejection) => void;

/** The access log, as an observer of exchanges. */
export function createAccessLog(options: AccessLogOptions): Observer {
  const { level } = options;
  const wallMs = options.wallMs ?? Date.now;
  const nowMs = options.nowMs ?? (() => performance.now());
  const write = writerOf(options);
  const takesInfo = level === 'trace' || level === 'debug' || level === 'info';
  const takesWarn = takesInfo || level === 'warn';
  return {
    tableChanged: ignore,
    started: ignore,
    upgraded: ignore,
    attempted: ignore,
    finished(outcome) {
      if (outcome.failure !== null || outcome.status >= 500) {
        if (takesWarn) write('warn', entryOf(outcome), outcome);
      } else if (takesInfo) {
        write('info', entryOf(outcome), outcome);
      }
    },
    rejected(rejection) {
      if (!takesWarn) return;
      const times = { wall: wallMs(), monotonic: nowMs() };
      write('warn', entryOfRejection(rejection, times), rejection);
    },
  };
}

function ignore(): void {}

function writerOf({ format, sink, hasColors = false }: AccessLogOptions): EntryWriter {
  switch (format) {
    case 'json':
      return jsonWriter(sink);
    case 'pretty':
      return (_, entry) => sink.write(prettyLine(entry, hasColors));
    case 'combined':
      return (_, entry, source) => sink.write(combinedLine(entry, extrasOf(source)));
  }
}

/**
 * pino writes level, time, pid and host before an entry's own keys. Here a line has the entry's keys alone, `time`
 * first: so pino is given no base and no level, and the entry's time as its timestamp.
 */
function jsonWriter(sink: LogSink): EntryWriter {
  let time = '';
  const log = pino(
    { base: null, formatters: { level: () => ({}) }, timestamp: () => `"time":"${time}"` },
    { write: (line) => sink.write(line) },
  );
  return (severity, entry) => {
    const { time: at, ...rest } = entry;
    time = at;
    log[severity](rest);
  };
}

function extrasOf(source: Outcome | Rejection): Parameters<typeof combinedLine>[1] {
  if (!('head' in source)) return { minorVersion: null, referer: null };
  const referer = firstValue(source.head.headers, 'referer');
  return {
    minorVersion: source.head.minorVersion,
    referer: referer === undefined ? null : loggableTarget(referer),
  };
}
