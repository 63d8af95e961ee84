/** Answers that stand ready as bytes. */

/** Bytes of the bodies, for who checks them. */
export const BODY_BYTES = {
  small: 150,
  '10k': 10 * 1024,
  '1m': 1024 * 1024,
  chunked: 8 * 1024,
  upload: 2,
} as const;

/** The last segment of a path. */
export type AnswerName = keyof typeof BODY_BYTES;

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n';
const CHUNKS = 4;

function withLength(bytes: number): Buffer {
  return Buffer.from(`${HEAD}Content-Length: ${bytes}\r\n\r\n${'b'.repeat(bytes)}`);
}

function inChunks(bytes: number): Buffer {
  const size = bytes / CHUNKS;
  const chunk = `${size.toString(16)}\r\n${'c'.repeat(size)}\r\n`;
  return Buffer.from(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(CHUNKS)}0\r\n\r\n`);
}

const ANSWERS: ReadonlyMap<string, Buffer> = new Map(
  Object.entries(BODY_BYTES).map(([name, bytes]) => [
    name,
    name === 'chunked' ? inChunks(bytes) : withLength(bytes),
  ]),
);

const NOT_FOUND = Buffer.from('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');

/** For the last segment of a path. */
export function answerFor(name: string): Buffer {
  return ANSWERS.get(name) ?? NOT_FOUND;
}

/** Of a request's head: the last segment of its path, without the query. */
export function lastSegment(head: string): string {
  const end = head.indexOf(' ', head.indexOf(' ') + 1);
  const query = head.indexOf('?');
  const path = head.slice(0, query > 0 && query < end ? query : end);
  return path.slice(path.lastIndexOf('/') + 1);
}
