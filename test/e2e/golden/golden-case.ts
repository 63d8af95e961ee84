/** One exchange that is had twice: with the monolith directly, and through the router. Strings are latin1. */
export interface GoldenCase {
  readonly name: string;
  /** What the client sends, `{case}` standing for the case's number. */
  readonly request: string;
  /** What the monolith writes, `{backend}` standing for its own authority. */
  readonly answer: string;
  /** The monolith ends its connection after the answer. */
  readonly closes: boolean;
}

const CRLF = '\r\n';

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  /** Field lines; Host and the case's number stand before them. */
  readonly lines?: readonly string[];
  /** Framed by Content-Length. */
  readonly body?: string;
  /** Framed already: the lines must say how. */
  readonly framed?: string;
}

/** The bytes of a request. */
export function requestBytes(parts: RequestParts): string {
  const { method = 'GET', target = '/', version = 'HTTP/1.1', lines = [], body, framed = '' } = parts;
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const fields = ['Host: shop.example', 'X-Golden: {case}', ...lines, ...length];
  return `${method} ${target} ${version}${CRLF}${fields.join(CRLF)}${CRLF}${CRLF}${body ?? framed}`;
}

/** The bytes of an answer with Content-Length. */
export function answerBytes(status: string, lines: readonly string[] = [], body = ''): string {
  return headBytes(status, [...lines, `Content-Length: ${body.length}`]) + body;
}

/** A head alone. `status` is code and phrase, and may begin with a version. */
export function headBytes(status: string, lines: readonly string[] = []): string {
  const line = status.startsWith('HTTP/') ? status : `HTTP/1.1 ${status}`;
  return `${[line, ...lines].join(CRLF)}${CRLF}${CRLF}`;
}

const PLAIN_ANSWER = answerBytes('200 OK', ['Content-Type: text/plain'], 'fine');

/** A case about what the client sends. */
export function asking(name: string, parts: RequestParts): GoldenCase {
  return { name: `request: ${name}`, request: requestBytes(parts), answer: PLAIN_ANSWER, closes: false };
}

/** A case about what the monolith answers. */
export function answering(
  name: string,
  answer: string,
  { closes = false, method = 'GET' }: { closes?: boolean; method?: string } = {},
): GoldenCase {
  return { name: `answer: ${name}`, request: requestBytes({ method, target: '/page' }), answer, closes };
}
