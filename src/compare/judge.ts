/**
 * Takes pairs of answers from who copies requests, has them compared, and counts. Small ones are compared at once, which
 * costs less than to hand them to a thread; what is large, packed, or a text (whose differences cost more than its
 * length) is compared in the thread. The libraries that comparing needs are loaded with the first pair, which the
 * thread compares meanwhile: a router without shadow starts without them.
 */
import type { ShadowAnswer, ShadowJudge, ShadowPair } from '../model/shadow.ts';
import type { CompareRules } from '../model/shadow-block.ts';
import type { FeatureComparisons } from '../model/shadow-report.ts';
import type { ComparedAnswer } from './compare-answers.ts';
import type { AnswersToCompare, ComparePair } from './compare-pair.ts';
import { bytesOf, CompareThread, skipped } from './compare-thread.ts';
import { ComparisonTally, type PairCompared, type PairHead } from './comparison-tally.ts';
import { codingsOf } from './decode-body.ts';
import { bodyKindOf, mediaTypeOf } from './media-type.ts';

/** Bytes of bodies that are compared at once; fewer by each path that looks everywhere, which costs as much again. */
const SMALL_BYTES = 16 * 1024;

/** What a judge may be given instead. */
export interface JudgeOptions {
  readonly thread?: CompareThread;
  /** A fault of the router's own. */
  readonly onFault?: (error: unknown) => void;
}

/** Compares and counts; `take` empties the counts. */
export class Judge implements ShadowJudge {
  readonly #thread: CompareThread;
  readonly #tally = new ComparisonTally();
  #compare: ComparePair | null = null;
  #loading: Promise<void> | null = null;
  readonly #onFault: (error: unknown) => void;

  constructor({ thread = new CompareThread(), onFault = () => undefined }: JudgeOptions = {}) {
    this.#thread = thread;
    this.#onFault = onFault;
  }

  judge(pair: ShadowPair, release: () => void): void {
    const { feature, legacy, own, legacyAgain } = pair;
    if (feature.shadow === null) {
      release();
      return;
    }
    const answers: AnswersToCompare = {
      legacy: comparedOf(legacy),
      own: comparedOf(own),
      again: legacyAgain === null ? null : comparedOf(legacyAgain),
      rules: feature.shadow.compare,
    };
    const head = headOf(pair);
    const done = (compared: PairCompared): void => {
      release();
      this.#tally.add(head, compared);
    };
    if (this.#compare === null) void this.prepare();
    if (this.#compare !== null && isSmall(answers)) done(this.#comparedNow(this.#compare, answers));
    else this.#thread.compare(answers, done);
  }

  /** Loads what it needs to compare at once. */
  prepare(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => this.#onFault(error));
    return this.#loading;
  }

  /** What was compared since the last time. */
  take(): FeatureComparisons[] {
    return this.#tally.take();
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  async #load(): Promise<void> {
    const { createComparePair } = await import('./compare-pair.ts');
    this.#compare = createComparePair();
  }

  #comparedNow(compare: ComparePair, answers: AnswersToCompare): PairCompared {
    try {
      return compare(answers);
    } catch (error) {
      this.#onFault(error);
      return skipped('could not be compared');
    }
  }
}

function comparedOf({ failure, status, headers, body, noBody }: ShadowAnswer): ComparedAnswer {
  return { failure, status, headers, body, noBody };
}

/** Not the bytes: it outlives them. */
function headOf(pair: ShadowPair): PairHead {
  const { feature, route, servedBy, requestId, time, method, target, legacy, own } = pair;
  const times = { legacyMs: legacy.latencyMs, featureMs: own.latencyMs };
  return { feature, route, servedBy, requestId, time, method, target, ...times };
}

function isSmall(answers: AnswersToCompare): boolean {
  const { legacy, own, again, rules } = answers;
  if (bytesOf(answers) === 0) return true;
  if (bytesOf(answers) * (1 + deepPaths(rules)) > SMALL_BYTES || rules.body === 'text') return false;
  return [legacy, own, again].every((answer) => {
    if (answer === null) return true;
    if (codingsOf(answer.headers).length > 0) return false;
    return bodyKindOf(mediaTypeOf(answer.headers)) !== 'text';
  });
}

/** `$..id` is looked for in every field. */
function deepPaths({ ignore, unordered, tolerance, redact }: CompareRules): number {
  const paths = [...ignore, ...unordered, ...tolerance.map(([path]) => path), ...redact];
  return paths.filter((path) => path.startsWith('$') && path.includes('..')).length;
}
