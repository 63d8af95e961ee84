/** Request bodies: forms, JSON and uploads, each with a limit. */
import { problem } from './answer.mjs';

const FORM_LIMIT = 64 * 1024;

/** The whole body; 413 above `limit` bytes. */
export async function readBody(req, limit = FORM_LIMIT) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    size += chunk.length;
    if (size > limit) throw problem(413, `at most ${limit} bytes, please`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export async function readForm(req) {
  return new URLSearchParams((await readBody(req)).toString());
}

export async function readJson(req) {
  try {
    return JSON.parse((await readBody(req)).toString() || '{}');
  } catch (error) {
    throw error.status ? error : problem(400, 'the body is not JSON');
  }
}

/**
 * multipart/form-data (RFC 7578), whole in memory, since uploads here are small.
 * @returns {Promise<{ name: string, filename: string | null, type: string, body: Buffer }[]>}
 */
export async function readMultipart(req, limit) {
  const boundary = /^multipart\/form-data;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(
    req.headers['content-type'] ?? '',
  );
  if (!boundary) throw problem(415, 'expected multipart/form-data');
  const body = Buffer.concat([Buffer.from('\r\n'), await readBody(req, limit)]);
  const mark = Buffer.from(`\r\n--${boundary[1] ?? boundary[2]}`);
  const parts = [];
  let at = body.indexOf(mark);
  for (
    let next = body.indexOf(mark, at + mark.length);
    at >= 0 && next >= 0;
    next = body.indexOf(mark, at + mark.length)
  ) {
    parts.push(readPart(body.subarray(at + mark.length + 2, next)));
    at = next;
  }
  return parts;
}

function readPart(part) {
  const headEnd = part.indexOf('\r\n\r\n');
  const head = part.subarray(0, Math.max(headEnd, 0)).toString();
  return {
    name: /name="([^"]*)"/i.exec(head)?.[1] ?? '',
    filename: /filename="([^"]*)"/i.exec(head)?.[1] ?? null,
    type: /^content-type:\s*(\S+)/im.exec(head)?.[1] ?? 'application/octet-stream',
    body: part.subarray(headEnd + 4),
  };
}
