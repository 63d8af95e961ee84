import { fieldValueProblem } from '../http-words.ts';
import { type Rule, routesOf } from './rule.ts';

/** A redirect leads to a url or a path, and `{path}` is all that it fills in. */
export const redirects: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    const problem = route.redirect === undefined ? null : redirectProblem(route.redirect.to);
    if (problem !== null) issues.error([...path, 'redirect', 'to'], problem);
  }
};

function redirectProblem(to: string): string | null {
  const rest = to.replaceAll('{path}', '');
  const placeholder = /\{[^}]*\}?|\}/.exec(rest)?.[0];
  if (placeholder !== undefined) return `"${placeholder}": a redirect fills in {path} only`;
  if (/[^\x21-\x7E]/.test(to)) return 'a redirect is ASCII without spaces: encode what is not';
  if (/^\/(?!\/)/.test(to)) return null;
  const host = /^https?:\/\/([^/?#]*)/i.exec(to)?.[1];
  if (host === undefined) return `"${to}" is neither a url (http:// or https://) nor a path ("/…")`;
  if (host === '') return 'the url names no host';
  // A path begins with what a client chose: in the place of the host it would send people anywhere.
  return host.includes('{path}') ? '{path} comes after the host and a "/"' : null;
}

/** An answer of the router itself can be sent. */
export const responses: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    const { status, body = '', type } = route.respond ?? {};
    if (body !== '' && (status === 204 || status === 205 || status === 304)) {
      issues.error([...path, 'respond', 'body'], `an answer with status ${status} has no body`, 'key');
    }
    const problem = type === undefined ? null : typeProblem(type);
    if (problem !== null) issues.error([...path, 'respond', 'type'], problem);
  }
};

function typeProblem(type: string): string | null {
  const problem = fieldValueProblem(type);
  if (problem !== null) return problem;
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*(?:;.*)?$/.test(type)
    ? null
    : `"${type}" is not a media type, such as text/html; charset=utf-8`;
}
