import type { CarveChange } from './edit-carve.ts';
import type { StageChange } from './edit-stage.ts';

/** What a verb asks for. */
export type RoutesChange =
  | (StageChange & { readonly kind: 'stage' })
  | (CarveChange & { readonly kind: 'carve' })
  /** One more name in `legacy_only`. */
  | { readonly kind: 'legacy_only'; readonly name: string };
