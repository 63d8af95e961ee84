import type { ComparedAnswer } from '../../src/compare/compare-answers.ts';
import { type ReadyRules, readyRules } from '../../src/compare/ready-rules.ts';
import { DEFAULT_SHADOW } from '../../src/config/defaults.ts';
import type { HeaderList } from '../../src/model/header-list.ts';
import type { CompareRules } from '../../src/model/shadow-block.ts';

/** An answer to be compared: 200 with this body. */
export function answerOf(
  body: string | Uint8Array,
  { type = 'application/json', status = 200, headers = [] as HeaderList } = {},
): ComparedAnswer {
  return {
    failure: null,
    status,
    headers: ['Content-Type', type, ...headers],
    body: Buffer.from(body as Uint8Array),
    noBody: null,
  };
}

/** An answer of JSON. */
export function jsonAnswer(value: unknown): ComparedAnswer {
  return answerOf(JSON.stringify(value));
}

/** The usual rules, but for these. */
export function rulesWith(some: Partial<CompareRules> = {}): ReadyRules {
  return readyRules({ ...DEFAULT_SHADOW.compare, ...some });
}
