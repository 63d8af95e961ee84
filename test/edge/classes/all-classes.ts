import type { EdgeClass } from '../edge-case.ts';
import { ANSWERS } from './answers.ts';
import { CONNECTION_CASES } from './connections.ts';
import { HEADERS, HOP_BY_HOP } from './headers.ts';
import { HTTP2 } from './http2.ts';
import { LIMITS } from './limits.ts';
import { PATHS } from './paths.ts';
import { rawClasses } from './raw-requests.ts';
import { TLS } from './tls.ts';
import { UPGRADES } from './upgrades.ts';

/** Every class, in the order of the page. */
export const CLASSES: readonly EdgeClass[] = [
  ...rawClasses(CONNECTION_CASES),
  PATHS,
  HEADERS,
  HOP_BY_HOP,
  UPGRADES,
  LIMITS,
  ANSWERS,
  TLS,
  HTTP2,
];
