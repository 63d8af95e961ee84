import type { ExplainQuestion } from './admin-deps.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const MOST_HEADERS = 200;
const PARAMETERS = ['method', 'url', 'header'];

/** Reads the query of `/api/explain`; a string says what is wrong with it. */
export function explainQuestionOf(query: URLSearchParams): ExplainQuestion | string {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined)
    return `${JSON.stringify(unknown.slice(0, 80))} is no parameter: there are ${PARAMETERS.join(', ')}, and an & within the url is %26`;
  const twice = ['method', 'url'].find((name) => query.getAll(name).length > 1);
  if (twice !== undefined) return `${twice}: given twice; an & within the url is %26`;
  const method = query.get('method') ?? 'GET';
  if (!TOKEN.test(method)) return 'method: not a method; give ?method=GET&url=/path';
  const url = query.get('url') ?? '';
  if (url === '') return 'url: missing; give ?method=GET&url=/path, percent-encoded';
  if (/[^\x21-\x7e]/.test(url)) return 'url: holds a space, a control character, or one that is not ASCII';
  const given = query.getAll('header');
  if (given.length > MOST_HEADERS) return `header: more than ${MOST_HEADERS} of them`;
  const headers: [string, string][] = [];
  for (const header of given) {
    const field = fieldOf(header);
    if (field === null) return `header: ${JSON.stringify(header.slice(0, 80))} is not "Name: value"`;
    headers.push(field);
  }
  return { method, url, headers };
}

/** `Name: value` as one writes it after `-H`; the value is latin1 and has no control characters but tabs. */
function fieldOf(header: string): [string, string] | null {
  const colon = header.indexOf(':');
  const name = header.slice(0, Math.max(colon, 0));
  const value = header.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  return TOKEN.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value) ? [name, value] : null;
}
