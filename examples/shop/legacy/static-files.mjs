/** Files that do not change while the process lives: ETag and 304, ranges and 206, gzip for text. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { problem, takesGzip } from '../kit/answer.mjs';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const FOLDER = new URL('static/', import.meta.url);

const files = new Map(readdirSync(FOLDER).map((name) => [name, readAsset(name)]));

function readAsset(name) {
  const body = readFileSync(new URL(name, FOLDER));
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16);
  const modified = new Date(statSync(new URL(name, FOLDER)).mtimeMs).toUTCString();
  return {
    body,
    zipped: gzipSync(body),
    hash,
    modified,
    type: TYPES[extname(name)] ?? 'application/octet-stream',
  };
}

export function sendStatic({ req, res, params }) {
  const file = files.get(params.file);
  if (!file) throw problem(404, 'no such file');
  // A range is of the file itself, so a ranged answer is never a compressed one.
  const zip = takesGzip(req) && !req.headers.range;
  const etag = zip ? `"${file.hash}-gzip"` : `"${file.hash}"`;
  res.setHeader('etag', etag);
  res.setHeader('last-modified', file.modified);
  res.setHeader('cache-control', 'public, max-age=60');
  res.setHeader('vary', 'accept-encoding');
  if (isUnchanged(req, etag, file.modified)) return res.writeHead(304).end();
  res.setHeader('content-type', file.type);
  if (zip) res.setHeader('content-encoding', 'gzip');
  sendBytes(req, res, zip ? file.zipped : file.body);
}

function isUnchanged(req, etag, modified) {
  const known = req.headers['if-none-match'];
  if (known !== undefined)
    return known === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  return Date.parse(req.headers['if-modified-since']) >= Date.parse(modified);
}

/** The bytes, or the one range asked for (RFC 9110 section 14); several ranges at once get everything. */
export function sendBytes(req, res, bytes) {
  res.setHeader('accept-ranges', 'bytes');
  const range = /^bytes=(\d*)-(\d*)$/.exec(req.headers.range ?? '');
  if (!range || (range[1] === '' && range[2] === '')) {
    res.writeHead(200, { 'content-length': bytes.length });
    return res.end(bytes);
  }
  const first = range[1] === '' ? Math.max(0, bytes.length - Number(range[2])) : Number(range[1]);
  const last =
    range[1] === '' || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1);
  if (first > last) {
    res.writeHead(416, { 'content-range': `bytes */${bytes.length}`, 'content-length': 0 });
    return res.end();
  }
  const part = bytes.subarray(first, last + 1);
  res.writeHead(206, {
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    'content-length': part.length,
  });
  res.end(part);
}
