import { firstValue } from '../model/header-list.ts';
import type { LogFormat, LogLevel } from '../model/log-format.ts';
import { loggableTarget } from '../model/mask-secrets.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Observer } from '../model/ports.ts';
import { type AccessEntry, entryOf, entryOfRejection } from './access-entry.ts';
import { combinedLine, prettyLine } from './access-formats.ts';
import { AccessLines } from './access-line.ts';
import type { LogSink } from './log-sink.ts';

/**
 * One line per request, refused ones included, when its answer has ended. A line is of level `info`, or `warn` when
 * the request failed (a failure, or a status of 500 and above): LOG_LEVEL=warn leaves the failed ones, anything
 * higher none. Bodies and header values other than User-Agent, and Referer in the combined format, are never read.
 *
 * Of the lines for plain success a share may be left out (`--log-sample`): 2xx without a failure that are no upgrade.
 * Each is kept by a draw of its own, so that what is kept is an honest sample whatever order requests come in.
 */

/** What the access log listens to. */
export type AccessLog = Pick<Observer, 'finished' | 'rejected'>;

/** Where lines go, which, and how they look. */
export interface AccessLogOptions {
  readonly sink: LogSink;
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Escape sequences for colours, in the pretty format. */
  readonly hasColors?: boolean;
  /** Share of the 2xx lines that are written, 0 to 1; 1 by default. */
  readonly sampleShare?: number;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** Wall and monotonic clock in ms. */
  readonly wallMs?: () => number;
  readonly nowMs?: () => number;
}

/** Writes the line of a request in one format. */
interface LineWriter {
  exchange(outcome: Outcome): void;
  rejection(entry: AccessEntry): void;
}

/** The access log, as an observer of exchanges. */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { level, sampleShare = 1 } = options;
  const wallMs = options.wallMs ?? Date.now;
  const nowMs = options.nowMs ?? (() => performance.now());
  const random = options.random ?? Math.random;
  const write = writerOf(options);
  const takesInfo = level === 'trace' || level === 'debug' || level === 'info';
  const takesWarn = takesInfo || level === 'warn';
  return {
    finished(outcome) {
      if (outcome.failure !== null || outcome.status >= 500) {
        if (takesWarn) write.exchange(outcome);
      } else if (takesInfo && (sampleShare === 1 || !isPlainSuccess(outcome) || random() < sampleShare)) {
        write.exchange(outcome);
      }
    },
    rejected(rejection) {
      if (!takesWarn) return;
      write.rejection(entryOfRejection(rejection, { wall: wallMs(), monotonic: nowMs() }));
    },
  };
}

/** What a sample may leave out, of what did not fail. */
function isPlainSuccess({ status, upgraded }: Outcome): boolean {
  return status >= 200 && status < 300 && !upgraded;
}

function writerOf({ format, sink, hasColors = false }: AccessLogOptions): LineWriter {
  switch (format) {
    case 'json': {
      const lines = new AccessLines();
      return {
        exchange: (outcome) => sink.write(lines.lineOf(outcome)),
        rejection: (entry) => sink.write(`${JSON.stringify(entry)}\n`),
      };
    }
    case 'pretty':
      return {
        exchange: (outcome) => sink.write(prettyLine(entryOf(outcome), hasColors)),
        rejection: (entry) => sink.write(prettyLine(entry, hasColors)),
      };
    case 'combined':
      return {
        exchange: (outcome) => sink.write(combinedLine(entryOf(outcome), extrasOf(outcome))),
        rejection: (entry) => sink.write(combinedLine(entry, { referer: null })),
      };
  }
}

function extrasOf({ head }: Outcome): Parameters<typeof combinedLine>[1] {
  const referer = firstValue(head.headers, 'referer');
  return {
    referer: referer === undefined ? null : loggableTarget(referer),
  };
}
