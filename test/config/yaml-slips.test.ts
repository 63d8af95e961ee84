import { expect, it } from 'vitest';
import { parseRoutes } from '../../src/config/parse-routes.ts';

/** Slips that take a file too large for the fixtures. */

it('says that a file is nested too deeply', () => {
  const text = `legacy: ${'['.repeat(100_000)}`;
  const { issues } = parseRoutes(text, { file: 'routes.yaml', env: {}, legacyOnlyFile: null });
  expect(issues.map(({ message }) => message)).toEqual(['the file is nested too deeply']);
});
