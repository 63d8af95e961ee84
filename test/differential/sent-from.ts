/**
 * The bytes from the request of this index on, as whoever understood those before it saw them: a reader of framing and
 * no more, for requests that both fronts answered alike.
 */
export function sentFrom(bytes: string, index: number): string {
  let at = 0;
  for (let i = 0; i < index; i++) {
    const start = bytes.startsWith('\r\n', at) ? at + 2 : at;
    const end = bytes.indexOf('\r\n\r\n', start);
    if (end === -1) return bytes.slice(at);
    at = bodyEnd(bytes, end + 4, bytes.slice(start, end));
  }
  return bytes.slice(at);
}

function bodyEnd(bytes: string, from: number, head: string): number {
  if (/^transfer-encoding:[ \t]*chunked[ \t]*$/im.test(head)) return chunksEnd(bytes, from);
  return from + Number(/^content-length:[ \t]*([0-9]+)[ \t]*$/im.exec(head)?.[1] ?? 0);
}

function chunksEnd(bytes: string, from: number): number {
  for (let at = from; ; ) {
    const line = /^([0-9a-f]+)[^\n]*\n/i.exec(bytes.slice(at, at + 300));
    if (line === null) return at;
    at += line[0].length;
    const size = Number.parseInt(line[1] as string, 16);
    if (size > 0) {
      at += size + 2;
      continue;
    }
    if (bytes.startsWith('\r\n', at)) return at + 2;
    const end = bytes.indexOf('\r\n\r\n', at);
    return end === -1 ? bytes.length : end + 4;
  }
}
