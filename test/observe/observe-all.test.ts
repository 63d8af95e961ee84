import { expect, it } from 'vitest';
import type { Observer } from '../../src/model/ports.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import { tableOf } from '../support/table.ts';
import { decisionOf, outcomeOf } from './samples.ts';

it('each hears of what it listens to, in order, as itself', () => {
  const heard: string[] = [];
  class Counting implements Partial<Observer> {
    #count = 0;
    started(): void {
      this.#count += 1;
      heard.push(`started ${this.#count}`);
    }
    finished(): void {
      heard.push(`finished ${this.#count}`);
    }
  }
  const all = observeAll([new Counting(), { finished: () => heard.push('last') }, {}]);
  const decision = decisionOf(tableOf([]), '(default)');
  all.started(decision);
  all.upgraded(decision);
  all.finished(outcomeOf(decision));
  expect(heard).toEqual(['started 1', 'finished 1', 'last']);
});
