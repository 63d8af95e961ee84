import type { Rejection } from '../model/exchange.ts';
import { statusOf } from '../model/failure.ts';
import { loggableTarget, loggableText } from '../model/mask-secrets.ts';
import { MOST_REFUSALS, type RecentRefusal } from '../model/recent-refusal.ts';
import { LONGEST_METHOD, LONGEST_USER_AGENT } from './access-entry.ts';

/**
 * The last refusals, for who asks why a client gets 400. They are kept as they came, and made fit to be shown when they
 * are asked for: a flood of them costs next to nothing.
 */
export class RecentRefusals {
  readonly #wallMs: () => number;
  readonly #kept: { readonly time: number; readonly rejection: Rejection }[] = [];
  #next = 0;

  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs;
  }

  /** As an observer. */
  rejected(rejection: Rejection): void {
    this.#kept[this.#next] = { time: this.#wallMs(), rejection };
    this.#next = (this.#next + 1) % MOST_REFUSALS;
  }

  /** The newest first. */
  snapshot(): RecentRefusal[] {
    const { length } = this.#kept;
    return this.#kept.map((_, back) => {
      const { time, rejection } = this.#kept[(this.#next + 2 * length - 1 - back) % length] as {
        time: number;
        rejection: Rejection;
      };
      return refusalOf(time, rejection);
    });
  }
}

function refusalOf(time: number, rejection: Rejection): RecentRefusal {
  const { requestId, failure, peer, method, target, userAgent } = rejection;
  return {
    time,
    requestId,
    failure,
    status: statusOf(failure),
    client: peer?.address ?? null,
    method: method === null ? null : loggableText(method, LONGEST_METHOD),
    path: target === null ? null : loggableTarget(target),
    userAgent: userAgent === null ? null : loggableText(userAgent, LONGEST_USER_AGENT),
  };
}
