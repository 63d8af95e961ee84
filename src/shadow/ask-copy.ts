import type { ForwardDecision } from '../model/decision.ts';
import type { ClientExchange } from '../model/exchange.ts';
import type { ShadowAnswer } from '../model/shadow.ts';
import { CopiedAnswer } from './copied-answer.ts';
import { CopyExchange, type KeptRequest } from './copy-exchange.ts';
import type { KeepLimits } from './kept-bytes.ts';

/** Sends a copy the way of every exchange, apart from those that are served. */
export type SendCopy = (exchange: ClientExchange, decision: ForwardDecision) => void;

/** How a copy is asked for. */
export interface AskCopyOptions extends KeepLimits {
  readonly send: SendCopy;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** A fault of our own, to be logged. */
  readonly onFault: (error: unknown) => void;
}

/** Sends one copy and tells its answer, once, after the time limit at the latest. Returns how to give it up before. */
export function askCopy(
  request: KeptRequest,
  decision: ForwardDecision,
  options: AskCopyOptions & { readonly onAnswer: (answer: ShadowAnswer) => void },
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const answer: CopiedAnswer = new CopiedAnswer({
    maxBody: options.maxBody,
    take: options.take,
    now: options.now,
    onOver: (told, isEnded) => {
      clearTimeout(timer);
      if (!isEnded) exchange.leave();
      options.onAnswer(told);
    },
  });
  const exchange = new CopyExchange(request, answer, options.now());
  if (options.timeoutMs > 0) timer = setTimeout(() => answer.giveUp('deadline'), options.timeoutMs).unref();
  try {
    options.send(exchange, decision);
  } catch (error) {
    options.onFault(error);
    answer.giveUp('internal');
  }
  return () => answer.giveUp('draining');
}
