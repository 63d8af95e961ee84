import { expect, it } from 'vitest';
import { SETTING_KEYS } from '../../src/config/misplaced-keys.ts';
import { SETTINGS } from '../../src/setting-list.ts';

it('knows every setting, so that one in routes.yaml is told from a slip', () => {
  const flags = Object.values(SETTINGS).map(({ flag }) => flag.replaceAll('-', '_'));
  expect([...SETTING_KEYS, 'routes'].sort()).toEqual(flags.sort());
});
