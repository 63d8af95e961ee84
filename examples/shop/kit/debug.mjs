/** What a service saw of a request, to look at what a router in front of it changed. */

import { sendJson } from './answer.mjs';
import { readBody } from './body.mjs';

export async function showRequest({ req, res }) {
  const body = await readBody(req, 1024 * 1024);
  sendJson(req, res, 200, {
    method: req.method,
    url: req.url,
    httpVersion: req.httpVersion,
    headers: req.rawHeaders,
    bodyBytes: body.length,
    from: req.socket.remoteAddress,
  });
}
