import { type CopiedRequest, skipOf } from './decide/draw-copy.ts';
import { requestPath } from './forward/request-head.ts';
import type { ForwardDecision } from './model/decision.ts';
import type { ShadowSkip } from './model/shadow.ts';

/** The copy of a request, in the shape that docs/shadow.md shows. */
export interface CopyPart {
  /** Who would get it. */
  readonly backend: string;
  /** Of such requests: those that are drawn. */
  readonly percent: number;
  /** Of the copies: those with which legacy is asked once more. */
  readonly noise: number;
  /** Why it would not be copied though it is drawn; null: it would be, as far as its head tells. */
  readonly skipped: ShadowSkip | null;
  /** Path and query that would be sent. */
  readonly path: string;
}

/** Whether a request would be copied; null: requests of this decision are not. */
export function explainShadow(
  { shadow }: ForwardDecision,
  request: CopiedRequest,
  path: Pick<Parameters<typeof requestPath>[0], 'matched'>,
): CopyPart | null {
  if (!shadow) return null;
  const { copy, repeatable } = shadow;
  const { share, noise } = shadow.shadow;
  const basePath = copy.backend.urls[0]?.basePath ?? '';
  return {
    backend: copy.backend.name,
    percent: share * 100,
    noise: repeatable.has(request.traits.method) ? noise * 100 : 0,
    skipped: skipOf(shadow, request),
    path: requestPath({ decision: copy, traits: request.traits, url: { basePath }, ...path }),
  };
}
