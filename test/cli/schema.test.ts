import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { schema } from '../../src/cli/schema.ts';

it('prints what routes.schema.json holds: node dist/cli.js schema > routes.schema.json', () => {
  const { exitCode, output } = schema();
  expect(exitCode).toBe(0);
  expect(output).toBe(readFileSync(new URL('../../routes.schema.json', import.meta.url), 'utf8'));
});
