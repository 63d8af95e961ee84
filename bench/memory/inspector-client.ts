/** Node's own inspector, from outside: how a process is asked for its memory without a line of it being changed. */
import { WebSocket } from 'ws';

interface Reply {
  readonly id: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string };
  };
}

/** A session with the process that was started with `--inspect=127.0.0.1:PORT`. */
export class InspectorClient {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const reply = JSON.parse(String(data)) as Reply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  static async connect(port: number): Promise<InspectorClient> {
    const list = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as readonly {
      readonly webSocketDebuggerUrl: string;
    }[];
    const url = list[0]?.webSocketDebuggerUrl;
    if (url === undefined) throw new Error('nothing to inspect');
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve).once('error', reject);
    });
    return new InspectorClient(socket);
  }

  /** The value of an expression in the process, as JSON holds it. @throws when the expression does. */
  async evaluate(expression: string): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(
        JSON.stringify({ id, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }),
      );
    });
    const problem = reply.error?.message ?? reply.result?.exceptionDetails?.text;
    if (problem !== undefined) throw new Error(`${expression}: ${problem}`);
    return reply.result?.result?.value;
  }

  close(): void {
    this.#socket.close();
  }
}
