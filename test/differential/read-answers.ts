/** An answer as a client saw it, ids and clocks taken out. */
export interface SeenAnswer {
  /** The status line. */
  readonly line: string;
  /** Heads of 1xx that came before it. */
  readonly interim: readonly string[];
  /** Field lines in their order, CRLF between them. */
  readonly fields: string;
  readonly body: string;
  readonly trailers: string;
  /** Its end was seen. */
  readonly isWhole: boolean;
  /** Of an answer of the router's own: its id, and the name of its failure. */
  readonly problem: { readonly id: string; readonly failure: string } | null;
}

/** All that a client saw. */
export interface SeenAnswers {
  readonly answers: readonly SeenAnswer[];
  /** Bytes that belong to no answer: a tunnel's, or half a head. */
  readonly rest: string;
}

/** Takes what came on one connection apart; which answers have no body is told by what follows them. */
export function readAnswers(bytes: string, backendPort: number): SeenAnswers {
  const text = bytes.replaceAll(`127.0.0.1:${backendPort}`, 'BACKEND');
  const answers: SeenAnswer[] = [];
  let interim: string[] = [];
  let at = 0;
  while (text.startsWith('HTTP/1.1 ', at)) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const head = text.slice(at, end);
    at = end + 4;
    if (head.startsWith('HTTP/1.1 1') && !head.startsWith('HTTP/1.1 101')) {
      interim.push(head);
      continue;
    }
    const body = readBody(text, at, head);
    at = body.end;
    answers.push(seen(head, body, interim));
    interim = [];
  }
  return { answers, rest: text.slice(at) };
}

interface Body {
  readonly text: string;
  readonly trailers: string;
  readonly isWhole: boolean;
  readonly end: number;
}

function readBody(text: string, at: number, head: string): Body {
  const none: Body = { text: '', trailers: '', isWhole: true, end: at };
  if (/^HTTP\/1.1 (?:101|204|304) /.test(head) || text.startsWith('HTTP/1.1 ', at)) return none;
  if (/^transfer-encoding: chunked$/im.test(head)) return readChunks(text, at);
  const length = /^content-length: ([0-9]+)$/im.exec(head)?.[1];
  if (length === undefined) return { ...none, text: text.slice(at), end: text.length };
  const body = text.slice(at, at + Number(length));
  // An answer to HEAD looks like one whose body never came: alike on both sides, at least.
  return { ...none, text: body, isWhole: body.length === Number(length), end: at + body.length };
}

function readChunks(text: string, from: number): Body {
  let body = '';
  for (let at = from; ; ) {
    const line = /^([0-9a-f]+)\r\n/.exec(text.slice(at, at + 20));
    if (line === null) return { text: body + text.slice(at), trailers: '', isWhole: false, end: text.length };
    const size = Number.parseInt(line[1] as string, 16);
    at += line[0].length;
    if (size === 0) {
      const end = text.startsWith('\r\n', at) ? at : text.indexOf('\r\n\r\n', at) + 2;
      return { text: body, trailers: text.slice(at, end), isWhole: true, end: end + 2 };
    }
    body += text.slice(at, at + size);
    at += size + 2;
  }
}

function seen(head: string, body: Body, interim: readonly string[]): SeenAnswer {
  const [line = '', ...fields] = head.split('\r\n');
  const id = fields
    .map((field) => /^X-Request-Id: (.*)$/.exec(field)?.[1])
    .find((found) => found !== undefined);
  const hidden = (text: string): string => (id === undefined ? text : text.replaceAll(id, 'ID'));
  const failure = /"failure":"(\w+)"|^failure: (\w+)$/m.exec(body.text);
  return {
    line,
    interim,
    fields: hidden(fields.join('\r\n')).replace(/^Date: .*$/m, 'Date: NOW'),
    body: hidden(body.text),
    trailers: body.trailers,
    isWhole: body.isWhole,
    problem: id === undefined ? null : { id, failure: failure?.[1] ?? failure?.[2] ?? 'unknown' },
  };
}
