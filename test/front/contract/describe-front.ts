import { describeAnswers } from './answers.ts';
import { describeBodies } from './bodies.ts';
import { describeBrokenAnswers } from './broken-answers.ts';
import { describeChurn } from './churn.ts';
import { describeConnections } from './connections.ts';
import { describeDrain } from './drain.ts';
import { describeFaults } from './faults.ts';
import type { CreateFront } from './front-bench.ts';
import { describeLimits } from './limits.ts';
import { describeRefusals } from './refusals.ts';
import { describeRequests } from './requests.ts';
import { describeUpgrades } from './upgrades.ts';

/** What a front may be unable to do, since its parser decides: each with its reason in docs/fronts.md. */
export interface FrontLimitsOfItsOwn {
  /** Method tokens that its parser knows; null: any. */
  readonly methods: readonly string[] | null;
  /** Bytes from 0x80 on pass in a target. */
  readonly takesRawTargets: boolean;
  /** HTTP/1.2 to 1.9 are read as 1.1 (design: 10.14). */
  readonly takesLaterMinorVersions: boolean;
  /** It knows when a head began, and not only when it was whole. */
  readonly seesFirstByte: boolean;
  /** A connection above a limit is counted as rejected. */
  readonly countsTurnedAway: boolean;
}

/** What a front can do that reads every byte itself. */
export const WITHOUT_LIMITS: FrontLimitsOfItsOwn = {
  methods: null,
  takesRawTargets: true,
  takesLaterMinorVersions: true,
  seesFirstByte: true,
  countsTurnedAway: true,
};

/** What every front must do, seen from its socket and from its port. Each front runs all of it. */
export function describeFront(name: string, createFront: CreateFront, own: FrontLimitsOfItsOwn): void {
  describeRequests(name, createFront, own);
  describeBodies(name, createFront);
  describeAnswers(name, createFront);
  describeBrokenAnswers(name, createFront);
  describeConnections(name, createFront);
  describeRefusals(name, createFront);
  describeLimits(name, createFront, own);
  describeUpgrades(name, createFront);
  describeDrain(name, createFront);
  describeFaults(name, createFront);
  describeChurn(name, createFront);
}
