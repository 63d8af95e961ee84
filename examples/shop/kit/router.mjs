/** Finds what answers a request: a list of [method, path, handler], `:name` standing for one segment. */
import { redirect, sendJson } from './answer.mjs';

/**
 * @typedef {object} Visit one request, read
 * @property {import('node:http').IncomingMessage} req
 * @property {import('node:http').ServerResponse} res
 * @property {string} path
 * @property {URLSearchParams} query
 * @property {Record<string, string>} params what `:name` stood for
 */

/** @param {[string, string, (visit: Visit) => unknown][]} routes */
export function createRouter(routes, notFound) {
  const compiled = routes.map(([method, pattern, handler]) => ({
    method,
    segments: pattern.split('/'),
    handler,
  }));
  return (req, res) => {
    const [path, search = ''] = splitOnce(req.url, '?');
    const visit = { req, res, path, query: new URLSearchParams(search), params: {} };
    const found = compiled.flatMap((route) => {
      const params = matchSegments(route.segments, path.split('/'));
      return params ? [{ ...route, params }] : [];
    });
    if (found.length === 0) return strayOrSlash(visit, notFound);
    const method = req.method === 'HEAD' ? 'GET' : req.method;
    const route = found.find((candidate) => candidate.method === method);
    if (!route) return wrongMethod(visit, found);
    return route.handler({ ...visit, params: route.params });
  };
}

function matchSegments(pattern, segments) {
  if (pattern.length !== segments.length) return null;
  const params = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(':') && segments[index] !== '') params[part.slice(1)] = decode(segments[index]);
    else if (part !== segments[index]) return null;
  }
  return params;
}

/** /orders/ is /orders, as old web servers have it. */
function strayOrSlash(visit, notFound) {
  const { path, res } = visit;
  if (path.length > 1 && path.endsWith('/') && !path.startsWith('//'))
    return redirect(res, 301, path.replace(/\/+$/, '') || '/');
  return notFound(visit);
}

function wrongMethod({ req, res }, found) {
  const methods = [
    ...new Set(found.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))),
    'OPTIONS',
  ];
  const allow = methods.join(', ');
  if (req.method !== 'OPTIONS') return sendJson(req, res, 405, { error: `use ${allow}` }, { allow });
  res.writeHead(204, {
    allow,
    'access-control-allow-origin': req.headers.origin ?? '*',
    'access-control-allow-methods': allow,
    'access-control-allow-headers': 'content-type',
  });
  res.end();
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
