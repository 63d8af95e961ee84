import { autoRollback } from './auto-rollback.ts';
import { backendOptions } from './backend-options.ts';
import { backendUrls } from './backend-urls.ts';
import { canaries } from './canaries.ts';
import { coveredRoutes } from './covered-routes.ts';
import { eithers, fallbacks } from './fallbacks.ts';
import { featureNames } from './feature-names.ts';
import { rewrites, sideOfKeys } from './feature-side.ts';
import { headerEdits } from './header-edits.ts';
import { hostsAreNames, hostsOnAllOrNone } from './hosts.ts';
import { legacyOnlyFileNames, legacyOnlyNames } from './legacy-only-names.ts';
import { legacyOnlySpares } from './legacy-only-spares.ts';
import { redirects, responses } from './local-answers.ts';
import { methodsAreRoutable } from './methods.ts';
import { oneAction } from './one-action.ts';
import { alternativesAddToShared, onePath } from './one-path.ts';
import { pathForms } from './path-forms.ts';
import { pinnedRoutes } from './pinned-routes.ts';
import { regexesCompile } from './regexes.ts';
import { routeNamesAreUsable } from './route-names.ts';
import type { Rule } from './rule.ts';
import { shadows } from './shadows.ts';
import { stageByDefault } from './stage-by-default.ts';
import type { TableRule } from './table-rule.ts';
import { testers } from './testers.ts';
import { toKnownFeature } from './to-known-feature.ts';
import { trustedProxies } from './trusted-proxies.ts';
import { valueTests } from './value-tests.ts';

/** Every rule over the file, in the order of the format. Each finds all places where it is broken. */
export const RULES: readonly Rule[] = [
  backendUrls,
  backendOptions,
  featureNames,
  stageByDefault,
  autoRollback,
  canaries,
  testers,
  fallbacks,
  shadows,
  routeNamesAreUsable,
  onePath,
  alternativesAddToShared,
  pathForms,
  regexesCompile,
  hostsAreNames,
  hostsOnAllOrNone,
  valueTests,
  methodsAreRoutable,
  oneAction,
  toKnownFeature,
  sideOfKeys,
  rewrites,
  eithers,
  headerEdits,
  redirects,
  responses,
  legacyOnlyNames,
  legacyOnlyFileNames,
  legacyOnlySpares,
  trustedProxies,
];

/** Rules about the routes among each other; they see the routes that have no errors. */
export const TABLE_RULES: readonly TableRule[] = [pinnedRoutes, coveredRoutes];
