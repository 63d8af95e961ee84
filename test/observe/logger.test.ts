import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerSettings } from '../../src/observe/logger.ts';

function loggerOf(settings: Partial<LoggerSettings> = {}) {
  const lines: string[] = [];
  const sink = {
    write: (line: string) => void lines.push(line),
    droppedLines: () => 0,
    flush: async () => true,
  };
  return { logger: createLogger({ sink, format: 'json', level: 'info', ...settings }), lines };
}

describe('the application log', () => {
  it('is one JSON object a line, with level, time and message', () => {
    const { logger, lines } = loggerOf();
    logger.info({ revision: 'abc' }, 'reloaded');
    const entry = JSON.parse(lines[0] as string);
    expect(entry).toMatchObject({ level: 'info', revision: 'abc', msg: 'reloaded' });
    expect(entry.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('writes nothing below its level', () => {
    const { logger, lines } = loggerOf({ level: 'warn' });
    logger.info('quiet');
    logger.warn('loud');
    expect(lines).toHaveLength(1);
  });

  it('masks credentials, however deep they were put', () => {
    const { logger, lines } = loggerOf();
    const cookie = 's3cret';
    logger.warn({ authorization: 's3cret', request: { cookie, headers: { cookie } } }, 'odd');
    expect(lines[0]).not.toContain('s3cret');
  });

  it('keeps an error with its stack', () => {
    const { logger, lines } = loggerOf();
    logger.error({ err: new Error('broken') }, 'odd');
    expect(JSON.parse(lines[0] as string).err).toMatchObject({ message: 'broken', type: 'Error' });
  });

  it('is readable text when pretty, coloured only where asked', () => {
    const { logger, lines } = loggerOf({ format: 'pretty' });
    logger.info({ revision: 'abc' }, 'reloaded');
    expect(lines[0]).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: reloaded \{"revision":"abc"\}\n$/);
    const coloured = loggerOf({ format: 'pretty', hasColors: true });
    coloured.logger.info('reloaded');
    expect(coloured.lines[0]).toContain('\x1b[');
  });
});
