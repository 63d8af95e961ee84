import type { Socket } from 'node:net';
import type { Failure } from '../model/failure.ts';
import type { HeaderList } from '../model/header-list.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { Refusal } from './backend/carrier.ts';
import type { ParsedHead } from './backend/parsed-head.ts';

/** What ended an attempt before its answer was whole. */
export interface AttemptFailure {
  readonly failure: Failure;
  /** For the log: what exactly, with addresses. */
  readonly message: string;
  /** The backend cannot have seen the request. */
  readonly unsent: boolean;
  /** The backend said that it has not begun with it: it may be sent again, whatever its method. */
  readonly refused: Refusal | null;
  /** On a connection that had served before. */
  readonly reused: boolean;
  /** At least one byte of an answer had come. */
  readonly answered: boolean;
}

/** The connection broke before any byte of an answer: most likely the backend had let go of it, or was going away. */
export function isUnanswered({ failure, answered }: Pick<AttemptFailure, 'failure' | 'answered'>): boolean {
  return failure === 'reset' && !answered;
}

/** The backend's end of a tunnel. */
export interface UpgradedEnd {
  readonly socket: Socket;
  /** What came after the head. */
  readonly early: Buffer;
  /** From the sending of the request's head to the 101. */
  readonly headMs: number;
}

/** What an attempt tells. After `end`, `upgraded` or `failed` it tells nothing more. */
export interface AttemptEvents {
  /** Of the backend; or 100 in its place, if it did not answer `Expect` in time. */
  informational(status: number, reason: string, headers: HeaderList): void;
  /** What comes until `readEnds` was read at once; `readEnds` comes after `end` too. */
  readBegins(): void;
  readEnds(): void;
  /** `headMs`: from the sending of the head. */
  head(head: ParsedHead, headMs: number, plan: AttemptPlan): void;
  chunk(bytes: Buffer): void;
  end(trailers: HeaderList): void;
  upgraded(head: ParsedHead, end: UpgradedEnd, plan: AttemptPlan): void;
  failed(failure: AttemptFailure, plan: AttemptPlan): void;
}
