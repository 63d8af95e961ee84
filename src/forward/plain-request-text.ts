import type { FieldLines, RequestHead } from '../model/request.ts';
import { staysBehind } from './edge-fields.ts';
import type { ForwardedLines } from './forwarded-lines.ts';
import { isNoEdit } from './header-edits.ts';
import { isHopByHop } from './hop-by-hop.ts';
import { COPY_MARK, hostToSend, isCopy, type RequestHeadInput, requestPath } from './request-head.ts';
import { strippedPrefix } from './rewrite.ts';

/**
 * The head that a backend gets, as text, for the plain requests that nearly all are: of a client that nobody trusts, to
 * a route without edits. Runs of the client's lines that pass as they stand are taken over whole, instead of being
 * taken apart and put together again. It says what `buildRequestHead` says, to the byte, or nothing: a property test
 * compares them.
 */
export function plainRequestText(input: RequestHeadInput, forwarded: ForwardedLines): string | null {
  const { head, peer } = input;
  const { lines } = head;
  if (lines === undefined || input.upgrade !== null || !isPlainRoute(input)) return null;
  if (input.trust.contains(peer.address)) return null;
  const text = plainLines(head, lines, { input, forwarded });
  if (text === null) return null;
  const mark = isCopy(input.decision) ? `${COPY_MARK}: 1\r\n` : '';
  return `${head.method} ${requestPath(input)} HTTP/1.1\r\n${text}${input.requestId}\r\n${mark}\r\n`;
}

/** All lines up to the request id's value; null if one of the client's has to be written anew. */
function plainLines(
  head: RequestHead,
  lines: FieldLines,
  { input, forwarded }: { readonly input: RequestHeadInput; readonly forwarded: ForwardedLines },
): string | null {
  const known = lines.isKept === true ? forwarded.found(lines, input) : null;
  if (known !== null) return known;
  const passed = passedLines(head, lines, input);
  if (passed === null) return null;
  const framing = input.bodyLength === null ? 'Transfer-Encoding: chunked\r\n' : '';
  const text = `${passed.text}${framing}${forwarded.of(input.peer, passed.host)}X-Request-Id: `;
  if (lines.isKept === true) forwarded.keep(lines, input, text);
  return text;
}

function isPlainRoute({ decision, matched }: RequestHeadInput): boolean {
  if (decision.side === 'legacy') return true;
  return isNoEdit(decision.route.policy.requestHeaders) && strippedPrefix(decision, matched) === '';
}

/** The client's lines less what stays behind; null if one has to be written anew. */
function passedLines(
  { headers }: RequestHead,
  { text, marks }: FieldLines,
  input: RequestHeadInput,
): { readonly text: string; readonly host: string } | null {
  let passed = '';
  let host = '';
  let from = marks[2] as number;
  for (let i = 0; i < headers.length; i += 2) {
    const at = 2 + i * 2;
    const line = marks[at] as number;
    const next = marks[at + 4] ?? text.length;
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    let passes = isPlainLine(marks, at, { text, next });
    if (!passes) return null;
    if (mayBeSpecial(name)) {
      const lower = name.toLowerCase();
      const fate = fateOf(lower, value, input);
      if (fate === 'anew') return null;
      passes = fate === 'passes';
      if (lower === 'host') host = value;
    }
    if (!passes) {
      passed += text.slice(from, line);
      from = next;
    }
  }
  // Without a Host (HTTP/1.0) one is put before the rest.
  return host === '' ? null : { text: passed + text.slice(from), host };
}

/** `Name: value`, as the router itself writes lines. */
function isPlainLine(
  marks: readonly number[],
  at: number,
  { text, next }: { readonly text: string; readonly next: number },
): boolean {
  const valueStart = marks[at + 2] as number;
  return (
    valueStart === (marks[at + 1] as number) + 2 &&
    text.charCodeAt(valueStart - 1) === 0x20 &&
    (marks[at + 3] as number) === next - 2
  );
}

/** By its first letter and length; some that are not special are among them. */
function mayBeSpecial(name: string): boolean {
  switch (name.charCodeAt(0) | 0x20) {
    case 0x63: // content-length, connection
      return name.length === 14 || name.length === 10;
    case 0x75: // upgrade; most often this is User-Agent
      return name.length === 7;
    case 0x65: // expect
    case 0x66: // forwarded
    case 0x68: // host, http2-settings
    case 0x6b: // keep-alive
    case 0x70: // proxy-*
    case 0x74: // te, transfer-encoding
    case 0x78: // x-*
      return true;
    default:
      return false;
  }
}

function fateOf(lowerName: string, value: string, input: RequestHeadInput): 'passes' | 'stays' | 'anew' {
  switch (lowerName) {
    case 'host':
      return value === hostToSend(input) ? 'passes' : 'anew';
    case 'content-length':
      return value === String(input.bodyLength) ? 'passes' : 'anew';
    case 'expect':
      return 'anew';
    case 'connection':
      // Any other option may name a field that stays behind.
      return isUsualOption(value) ? 'stays' : 'anew';
    default:
      return isHopByHop(lowerName) || staysBehind(lowerName, false) ? 'stays' : 'passes';
  }
}

function isUsualOption(value: string): boolean {
  const option = value.toLowerCase();
  return option === 'keep-alive' || option === 'close';
}
