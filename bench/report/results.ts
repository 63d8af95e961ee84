/** All that a run found out: what is written as JSON, and what tables and plot are made of. */

import type { IdleMemory } from '../idle-memory.ts';
import type { MatchCost } from '../match-cost.ts';
import type { MachineNames } from '../measure/machine.ts';
import type { LeftOut } from '../measure-all.ts';
import type { WorkersCost } from '../workers-cost.ts';
import type { AimResult } from './aims.ts';
import type { Conditions, Panel } from './summary.ts';

/** A peer as the page lists it. */
export interface PeerNote {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly setup: string;
}

/** One run. */
export interface Results {
  /** The day, as `2026-11-23`. */
  readonly date: string;
  readonly machine: MachineNames;
  readonly pinned: string;
  readonly rounds: number;
  readonly slotSeconds: number;
  readonly tookMinutes: number;
  /** The title of the peer that all are compared with. */
  readonly reference: string;
  readonly peers: readonly PeerNote[];
  /** Peers that are not on this machine, in words. */
  readonly missing: readonly string[];
  readonly leftOut: readonly LeftOut[];
  readonly panels: readonly Panel[];
  readonly aims: readonly AimResult[];
  readonly idle: readonly IdleMemory[];
  readonly match: MatchCost | null;
  readonly workers: WorkersCost | null;
  readonly conditions: Conditions;
}
