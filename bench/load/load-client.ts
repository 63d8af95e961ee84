/** What a load process asks of its clients, whatever they do on their connection. */
import type { LoadPlan } from './load-plan.ts';
import type { Tally } from './tally.ts';

/** What all connections of a load process share. */
export interface ClientSetting {
  readonly plan: LoadPlan;
  readonly tally: Tally;
  /** Head and body together, written at once. */
  readonly request: Buffer;
  /** Bytes are read into it by all connections in turn: nothing is allocated per read. */
  readonly buffer: Buffer;
}

/** One connection's worth of load. Failures go to the tally, never to a promise. */
export interface LoadClient {
  /** Resolves when the first answer is there, right or wrong. */
  prepare(): Promise<void>;
  /** From now on what comes counts; resolves when it was told to stop and nothing is in flight. */
  run(): Promise<void>;
  /** Nothing more is asked. */
  stop(): void;
  /** Ends at once; what is in flight has failed. */
  close(): void;
}
