import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASSES } from './classes/all-classes.ts';
import { playCase } from './play/play-case.ts';
import { type RunningStage, startStage } from './proxies/stage.ts';

/** Declares a test for each case of these classes, with Banyan alone. @throws if there is no such class */
export function playWithBanyan(...names: readonly string[]): void {
  for (const name of names) {
    const edgeClass = CLASSES.find((one) => one.name === name);
    if (edgeClass === undefined) throw new Error(`no class ${name}`);
    describe(`edge: ${name}`, () => {
      let stage: RunningStage;
      beforeAll(async () => {
        stage = await startStage('banyan', edgeClass.backendS);
      });
      afterAll(() => stage.end());

      it.each(edgeClass.cases.map((one) => [one.what, one] as const))('%s', async (_what, one) => {
        const seen = await playCase(stage, one);
        expect(one.rule.check(seen), one.rule.text).toBeNull();
      });
    });
  }
}
