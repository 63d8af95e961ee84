import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { describe, inject, it } from 'vitest';
import { missingPackage } from '../../bench/peers/programs.ts';
import type { ProxyKind } from './proxies/proxy.ts';
import type { Result } from './report/fault-table.ts';
import { Trial } from './trial.ts';

/** One fault, and what a proxy makes of it. */
export interface Scenario<Figures> {
  /** Its place in the table. */
  readonly number: string;
  readonly title: string;
  readonly aim: string;
  /** Brings the fault about. The same for Banyan and for its peers. */
  readonly measure: (trial: Trial) => Promise<Figures>;
  /** The figures in a few words. */
  readonly text: (figures: Figures) => string;
  /** Expects that the aim is met. Of Banyan alone: peers' figures are only reported. */
  readonly meets: (figures: Figures) => void;
  /** Why peers are not measured, where they are not. */
  readonly withoutPeers?: string;
}

/** A long run takes the times that the scenarios name; by default they are shorter, and the table says so. */
export const IS_LONG = process.env['FAULTS_LONG'] === '1';

/** Declares the tests of a scenario: Banyan's, and one for each peer, which fails only if the proxy cannot be started. */
export function scenario<Figures>(what: Scenario<Figures>): void {
  const { number, title, aim, withoutPeers } = what;
  const write = (kind: ProxyKind, text: string, isMissed = false): void => {
    const result: Result = { number, title, aim, kind, text, isMissed };
    console.log(`${number} ${title}: ${kind}: ${text}`);
    appendFileSync(path.join(inject('faultsFolder'), 'results.jsonl'), `${JSON.stringify(result)}\n`);
  };
  describe(`${number}. ${title}`, () => {
    it(`Banyan: ${aim}`, async () => {
      const figures = await run(what, 'banyan').catch((error: Error) => {
        write('banyan', `the scenario failed: ${error.message}`, true);
        throw error;
      });
      try {
        what.meets(figures);
      } catch (error) {
        write('banyan', what.text(figures), true);
        throw error;
      }
      write('banyan', what.text(figures));
    });
    for (const kind of ['nginx', 'haproxy'] as const) {
      if (withoutPeers !== undefined) write(kind, withoutPeers);
      else it(`${kind}, beside it`, async () => write(kind, await peerText(what, kind)));
    }
  });
}

async function run<Figures>(what: Scenario<Figures>, kind: ProxyKind): Promise<Figures> {
  const trial = new Trial(kind);
  try {
    return await what.measure(trial);
  } finally {
    await trial.end();
  }
}

async function peerText<Figures>(what: Scenario<Figures>, kind: 'nginx' | 'haproxy'): Promise<string> {
  if (missingPackage(kind, kind) !== null) return 'not installed';
  return run(what, kind).then(what.text, (error: Error) => `could not be measured: ${error.message}`);
}
