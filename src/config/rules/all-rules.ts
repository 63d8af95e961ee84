import { backendUrls } from './backend-urls.ts';
import { oneAction } from './one-action.ts';
import type { Rule } from './rule.ts';
import { toKnownFeature } from './to-known-feature.ts';

/** Every rule over the file, in the order of the format. Each finds all places where it is broken. */
export const RULES: readonly Rule[] = [backendUrls, oneAction, toKnownFeature];
