import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:cluster';
import type { WorkerEnd } from './crew.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

/** The process ended, or was silent for too long, before it said what was waited for. */
export class WorkerGone extends Error {}

type Kind = ToPrimary['kind'];
/** What is waited for, and how long. */
interface Wish<Wanted extends Kind> {
  readonly answers: readonly Wanted[];
  readonly limitMs: number;
}

type Said<Wanted extends Kind> = Extract<ToPrimary, { kind: Wanted }>;

interface Waiter {
  readonly kinds: readonly Kind[];
  readonly take: (message: ToPrimary) => void;
  readonly giveUp: (error: Error) => void;
}

/** The primary's end of the line to one worker process. */
export class WorkerLink {
  readonly pid: number;
  readonly ended: Promise<WorkerEnd>;
  readonly child: ChildProcess;
  /** Everything that nobody waited for. */
  onMessage: (message: ToPrimary) => void = () => {};
  #isGone = false;
  readonly #worker: Worker;
  readonly #waiters = new Set<Waiter>();

  constructor(worker: Worker) {
    this.#worker = worker;
    const { process: child } = worker;
    this.child = child;
    this.pid = child.pid ?? 0;
    worker.on('message', (message: ToPrimary) => this.#take(message));
    // A message to a process that is just ending cannot be sent: its end is told by `ended`.
    worker.on('error', () => {});
    this.ended = new Promise((resolve) => {
      worker.once('exit', (code, signal) => {
        this.#isGone = true;
        for (const { giveUp } of this.#waiters) giveUp(new WorkerGone(endText({ code, signal })));
        resolve({ code, signal });
      });
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Sends; what is sent to a process that has ended is forgotten. */
  tell(message: ToWorker): void {
    if (!this.#isGone && this.#worker.isConnected()) this.#worker.send(message);
  }

  /** Sends, and waits for an answer of one of these kinds. @throws WorkerGone (rejects) */
  ask<Wanted extends Kind>(message: ToWorker, wanted: Wish<Wanted>): Promise<Said<Wanted>> {
    const answer = this.hear(wanted);
    this.tell(message);
    return answer;
  }

  /** Waits for a message of one of these kinds. @throws WorkerGone (rejects) */
  hear<Wanted extends Kind>({ answers, limitMs }: Wish<Wanted>): Promise<Said<Wanted>> {
    return new Promise((resolve, reject) => {
      if (this.#isGone) {
        reject(new WorkerGone('it had ended'));
        return;
      }
      const over = (): void => {
        clearTimeout(limit);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        kinds: answers,
        take: (said) => {
          over();
          resolve(said as Said<Wanted>);
        },
        giveUp: (error) => {
          over();
          reject(error);
        },
      };
      const limit = setTimeout(
        () => waiter.giveUp(new WorkerGone(`no ${answers.join(' or ')} came from it for ${limitMs} ms`)),
        limitMs,
      );
      this.#waiters.add(waiter);
    });
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  #take(message: ToPrimary): void {
    for (const waiter of this.#waiters) {
      if (waiter.kinds.includes(message.kind)) {
        waiter.take(message);
        return;
      }
    }
    this.onMessage(message);
  }
}

function endText({ code, signal }: WorkerEnd): string {
  return signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
}
