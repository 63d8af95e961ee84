/**
 * The backend of all measurements: answers on a bare socket, from bytes made beforehand, as cheaply as Node can, so
 * that it is not what is measured. The last segment of the path says which answer. Prints its port.
 */
import { createServer, type Socket } from 'node:net';
import { answerFor, type CannedAnswer } from './canned-answers.ts';

const END = Buffer.from('\r\n\r\n');

/** One connection of a proxy: requests one after the other. */
class BackendConnection {
  readonly #socket: Socket;
  #held: Buffer | null = null;
  #missing = 0;
  #answer: CannedAnswer | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  #read(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, rest.length);
        this.#missing -= taken;
        rest = rest.subarray(taken);
        if (this.#missing === 0) this.#send();
        continue;
      }
      const input = this.#held === null ? rest : Buffer.concat([this.#held, rest]);
      const end = input.indexOf(END);
      this.#held = end < 0 ? input : null;
      if (end < 0) return;
      this.#take(input.toString('latin1', 0, end + 2));
      rest = input.subarray(end + END.length);
    }
  }

  #take(head: string): void {
    this.#answer = answerFor(head);
    this.#missing =
      head.charCodeAt(0) === 71 ? 0 : Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? 0);
    if (this.#missing === 0) this.#send();
  }

  #send(): void {
    if (this.#answer) this.#socket.write(this.#answer);
    this.#answer = null;
  }
}

const server = createServer({ noDelay: true }, (socket) => {
  new BackendConnection(socket);
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});
process.on('disconnect', () => process.exit());
