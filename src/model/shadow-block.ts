/** A feature's `shadow` block in the route table (docs/shadow.md): which requests are copied, and what is compared. */

/** How bodies are read for comparing. */
export const BODY_KINDS = ['auto', 'json', 'text', 'bytes', 'none'] as const;
export type BodyKind = (typeof BODY_KINDS)[number];

/** What is compared of two answers. Paths are JSONPath, as written. */
export interface CompareRules {
  readonly status: boolean;
  /** In lower case. */
  readonly headers: readonly string[];
  readonly body: BodyKind;
  /** What begins with `$` is a JSONPath; anything else is a pattern (RE2 syntax) that is taken out of texts. */
  readonly ignore: readonly string[];
  /** Lists whose order does not count. */
  readonly unordered: readonly string[];
  /** Numbers that may differ by so much. */
  readonly tolerance: readonly (readonly [path: string, by: number])[];
  /** A field of JSON that is null on one side and missing on the other is the same. */
  readonly nullIsMissing: boolean;
  /** What samples never show: JSONPaths, and patterns for texts, as in `ignore`. */
  readonly redact: readonly string[];
}

/** A feature's `shadow` block, complete; every feature in stage shadow has one. Shares are 0 … 1. */
export interface Shadow {
  /** Of requests, drawn one by one. */
  readonly share: number;
  /** In which of them copies are made. */
  readonly stages: readonly ('shadow' | 'canary' | 'live')[];
  /** Methods that are not repeatable and copied all the same, to the feature alone, in stage shadow alone. */
  readonly writes: readonly string[];
  /** For a copy's whole answer; 0: no limit but the backend's. */
  readonly timeoutMs: number;
  /** Bytes: of the request's body, and of each answer's. */
  readonly maxBody: number;
  /** Copies at a time; 0: no limit but memory. */
  readonly maxInFlight: number;
  readonly compare: CompareRules;
  /** Of shadowed repeatable requests: those with which legacy is asked twice. */
  readonly noise: number;
  readonly ready: {
    /** Share of comparisons that must match. */
    readonly match: number;
    readonly min: number;
  };
}
