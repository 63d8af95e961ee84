import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** How a name is answered: with these addresses of both families, or badly. An empty list: it exists, without any. */
export type DnsReply = readonly string[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence';

/** One question as it came. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'other';
}

/** A name server over UDP on 127.0.0.1, answering by what it was told; NXDOMAIN for all else. TTL 600 s, as Docker's. */
export class DnsServer {
  readonly questions: DnsQuestion[] = [];
  readonly #replies = new Map<string, DnsReply>();
  readonly #socket: Socket;
  #everything: DnsReply | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (message, from) => this.#answer(message, from));
  }

  static async start(): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket);
  }

  /** As a `nameserver` of a resolv.conf. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  /** Of both families, `name/A` or `name/AAAA` for one alone. */
  set(name: string, reply: DnsReply): void {
    this.#replies.set(name, reply);
  }

  /** Answers everything alike; null: by name again. */
  setEverything(reply: DnsReply | null): void {
    this.#everything = reply;
  }

  /** How often a name was asked for, over both families. */
  asked(name: string): number {
    return this.questions.filter((question) => question.name === name).length;
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #answer(message: Buffer, from: RemoteInfo): void {
    const { name, type, end } = readQuestion(message);
    this.questions.push({ name, type });
    const reply =
      this.#everything ?? this.#replies.get(`${name}/${type}`) ?? this.#replies.get(name) ?? 'NXDOMAIN';
    if (reply === 'silence') return;
    const addresses = typeof reply === 'string' ? [] : reply.filter((address) => familyOf(address) === type);
    const code = reply === 'NXDOMAIN' ? 3 : reply === 'SERVFAIL' ? 2 : 0;
    this.#socket.send(buildAnswer(message.subarray(0, end), { code, addresses }), from.port, from.address);
  }
}

function familyOf(address: string): 'A' | 'AAAA' {
  return isIPv4(address) ? 'A' : 'AAAA';
}

/** RFC 1035 section 4.1.2. `end`: where the question ends. */
function readQuestion(message: Buffer): DnsQuestion & { readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at++]!; length > 0; length = message[at++]!) {
    labels.push(message.toString('latin1', at, at + length));
    at += length;
  }
  const type = message.readUInt16BE(at);
  return {
    name: labels.join('.').toLowerCase(),
    type: type === 1 ? 'A' : type === 28 ? 'AAAA' : 'other',
    end: at + 4,
  };
}

function buildAnswer(
  question: Buffer,
  { code, addresses }: { code: number; addresses: readonly string[] },
): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8180 | code, 2); // an answer; recursion was desired and is available
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...addresses.map(recordOf)]);
}

function recordOf(address: string): Buffer {
  const bytes = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0); // the name: that of the question
  head.writeUInt16BE(isIPv4(address) ? 1 : 28, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(600, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}

function ipv6Bytes(address: string): Buffer {
  const [left, right] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const zeros = Array<string>(8 - left!.length - (right?.length ?? 0)).fill('0');
  const groups = [...left!, ...zeros, ...(right ?? [])];
  return Buffer.concat(groups.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}
