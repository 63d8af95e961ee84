import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from 'node:http2';

/** An answer as it came. */
export interface Http2Answered {
  readonly status: number;
  /** Flat, in order, without `:status`. */
  readonly headers: readonly string[];
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  readonly text: string;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly informational: readonly IncomingHttpHeaders[];
  /** The stream's error code: 0 when the answer came to its end. */
  readonly code: number;
}

/** A proper client of HTTP/2; with `http` over a plain socket. */
export class Http2Client {
  readonly session: ClientHttp2Session;

  constructor(origin: string, options: SecureClientSessionOptions = {}) {
    this.session = connect(origin, options);
    this.session.on('error', () => {});
  }

  open(headers: OutgoingHttpHeaders, hasBody = false): ClientHttp2Stream {
    const stream = this.session.request(
      { ':path': '/', ':authority': 'a.test', ...headers },
      { endStream: !hasBody },
    );
    stream.on('error', () => {});
    return stream;
  }

  /** One request, and its answer whole. */
  ask(headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Http2Answered> {
    const stream = this.open(headers, body !== undefined);
    if (body !== undefined) stream.end(body);
    return answered(stream);
  }

  destroy(): void {
    this.session.destroy();
  }
}

/** Resolves when the stream is over, however it ended. */
export function answered(stream: ClientHttp2Stream): Promise<Http2Answered> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const informational: IncomingHttpHeaders[] = [];
    let head: string[] = [];
    let trailers: Record<string, unknown> = {};
    stream.on('headers', (fields: IncomingHttpHeaders) => informational.push({ ...fields }));
    // The third argument is not in the types: all fields as they came.
    stream.on('response', ((_fields: unknown, _flags: number, raw: string[]) => {
      head = raw;
    }) as never);
    stream.on('trailers', (fields) => {
      trailers = { ...fields };
    });
    stream.on('data', (bytes: Buffer) => pieces.push(bytes));
    stream.on('close', () => {
      const body = Buffer.concat(pieces);
      const headers = head.slice(2);
      resolve({
        status: Number(head[1] ?? 0),
        headers,
        header: (name) => headers[headers.findIndex((one, i) => i % 2 === 0 && one === name) + 1],
        body,
        text: body.toString('latin1'),
        trailers,
        informational,
        code: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
      });
    });
    stream.resume();
  });
}
