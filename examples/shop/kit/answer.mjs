/** Answers: text, pages, JSON and redirects; compressed for those who ask for it, when it is worth it. */
import { gzipSync } from 'node:zlib';

/** Below this many bytes gzip saves nothing worth the work. */
const WORTH_COMPRESSING = 1000;

/** True if the client takes gzip. */
export function takesGzip(req) {
  return /\bgzip\b(?!\s*;\s*q=0(\.0+)?\s*(,|$))/i.test(req.headers['accept-encoding'] ?? '');
}

/** Sends a whole body; `headers` may add to or replace the usual ones. */
export function send(req, res, { status, type, body, headers = {} }) {
  let bytes = Buffer.from(body);
  res.setHeader('content-type', type);
  res.setHeader('vary', 'accept-encoding');
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (bytes.length >= WORTH_COMPRESSING && takesGzip(req)) {
    bytes = gzipSync(bytes);
    res.setHeader('content-encoding', 'gzip');
  }
  res.setHeader('content-length', bytes.length);
  res.statusCode = status;
  res.end(bytes);
}

export function sendText(req, res, status, text) {
  send(req, res, { status, type: 'text/plain; charset=utf-8', body: `${text}\n` });
}

export function sendPage(req, res, page, status = 200) {
  send(req, res, {
    status,
    type: 'text/html; charset=utf-8',
    body: String(page),
    headers: { 'cache-control': 'private, no-store' },
  });
}

export function sendJson(req, res, status, value, headers = {}) {
  const body = `${JSON.stringify(value)}\n`;
  send(req, res, {
    status,
    type: 'application/json; charset=utf-8',
    body,
    headers: { 'cache-control': 'no-store', ...headers },
  });
}

/** 302 and 303 answer a form; 301 and 308 say that something moved for good. `location` may be relative. */
export function redirect(res, status, location) {
  res.statusCode = status;
  res.setHeader('location', location);
  res.setHeader('content-length', 0);
  res.end();
}

/** An error that the client may read. */
export function problem(status, message) {
  return Object.assign(new Error(message), { status });
}
