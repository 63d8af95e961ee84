/**
 * Which host a client asks for, read off its hello before OpenSSL sees it (RFC 8446 section 4.1.2, RFC 6066 section 3).
 * node:tls has a callback for that, which adds the certificate that it is given to those of the first context instead
 * of replacing them: where keys are of different kinds, a client of TLS 1.2 may then be shown another host's.
 */

/** `more` bytes are needed; else the name in lower case, null if there is none. What is malformed OpenSSL may judge. */
export type HelloRead = 'more' | { readonly serverName: string | null };

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const HANDSHAKE_HEAD = 4;
/** A version, and the random bytes. */
const FIXED_BYTES = 2 + 32;
/** Nobody's hello is that long: it is not read on. */
const MOST_BYTES = 16 * 1024;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** Reads a hello as far as it came. Pure. */
export function readHello(bytes: Buffer): HelloRead {
  const hello = joinRecords(bytes);
  if (hello === null) return { serverName: null };
  const isWhole = hello.length >= HANDSHAKE_HEAD && hello.length >= HANDSHAKE_HEAD + hello.readUIntBE(1, 3);
  if (!isWhole) return bytes.length > MOST_BYTES ? { serverName: null } : 'more';
  if (hello[0] !== CLIENT_HELLO) return { serverName: null };
  return { serverName: serverNameOf(new Fields(hello.subarray(HANDSHAKE_HEAD))) };
}

/** A hello may be cut into records anywhere (RFC 8446 section 5.1). null: these are none. */
function joinRecords(bytes: Buffer): Buffer | null {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== HANDSHAKE_RECORD) return pieces.length === 0 ? null : Buffer.concat(pieces);
    if (bytes.length < at + RECORD_HEAD) break;
    const end = at + RECORD_HEAD + bytes.readUInt16BE(at + 3);
    pieces.push(bytes.subarray(at + RECORD_HEAD, end));
    at = end;
  }
  return Buffer.concat(pieces);
}

/** Reads fields that begin with their length; past the end everything is empty. */
class Fields {
  #rest: Buffer;

  constructor(bytes: Buffer) {
    this.#rest = bytes;
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  take(size: number): Buffer {
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    return taken;
  }

  /** A number of so many bytes. */
  number(size: 1 | 2): number {
    const bytes = this.take(size);
    return bytes.length === size ? bytes.readUIntBE(0, size) : 0;
  }

  /** What follows its own length, of so many bytes. */
  sized(lengthSize: 1 | 2): Buffer {
    return this.take(this.number(lengthSize));
  }
}

function serverNameOf(hello: Fields): string | null {
  hello.take(FIXED_BYTES);
  hello.sized(1); // session
  hello.sized(2); // cipher suites
  hello.sized(1); // compression
  const extensions = new Fields(hello.sized(2));
  while (!extensions.isEmpty) {
    const type = extensions.number(2);
    const body = extensions.sized(2);
    if (type === SERVER_NAME) return hostNameOf(new Fields(new Fields(body).sized(2)));
  }
  return null;
}

function hostNameOf(list: Fields): string | null {
  const isHost = !list.isEmpty && list.number(1) === HOST_NAME;
  return isHost ? list.sized(2).toString('latin1').toLowerCase() : null;
}
