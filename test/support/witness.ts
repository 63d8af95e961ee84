import { RawBackend, type RawRequest } from './raw-backend.ts';
import { ask, type RawAnswer } from './raw-client.ts';
import type { RunningRouter } from './start-router.ts';

/** A request as the backend got it, and its answer as the client got it. */
export interface Seen {
  readonly request: RawRequest;
  readonly answer: RawAnswer;
}

/** A backend that tells what it got, and answers 200 with the request's body and the fields that it is told to. */
export class Witness {
  readonly backend: RawBackend;
  readonly #said: { lines: readonly string[] };

  private constructor(backend: RawBackend, said: { lines: readonly string[] }) {
    this.backend = backend;
    this.#said = said;
  }

  static async start(): Promise<Witness> {
    const said: { lines: readonly string[] } = { lines: [] };
    const backend = await RawBackend.start(async (request, reply) => {
      const body = await request.body();
      reply.send(200, said.lines, body);
    });
    return new Witness(backend, said);
  }

  /** Sends a request through the router; `lines` are fields of the answer. */
  async exchange(router: RunningRouter, bytes: string, lines: readonly string[] = []): Promise<Seen> {
    this.#said.lines = lines;
    const at = this.backend.requests.length;
    const answer = await ask(router.port, bytes);
    return { request: this.backend.requests[at]!, answer };
  }
}

/** All values of these names as the backend got them. */
export function values(request: RawRequest, ...names: string[]): Record<string, string[]> {
  return Object.fromEntries(names.map((name) => [name, request.headerValues(name)]));
}
