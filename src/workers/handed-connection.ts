import type { ChildProcess } from 'node:child_process';

/**
 * node:cluster hands a worker one connection at a time and keeps its own descriptor of it until the worker has said
 * that it took it. If the worker is killed before that, cluster forgets the descriptor without closing it: the client
 * would wait for ever, on a connection that nobody has. A worker that dies of its memory stands still for seconds
 * first, so that nearly always one is on its way to it.
 */
export class HandedConnection {
  #last: { close?: () => void } | null = null;

  /** Watches what is sent to this process. */
  constructor(process: ChildProcess) {
    const send = process.send.bind(process) as (...given: unknown[]) => boolean;
    process.send = (...given: unknown[]): boolean => {
      const [, handle] = given;
      if (typeof handle === 'object' && handle !== null) this.#last = handle;
      return send(...given);
    };
  }

  /** The process was killed: the client sees its connection end. One that was taken is closed here already. */
  letGo(): void {
    this.#last?.close?.();
    this.#last = null;
  }
}
