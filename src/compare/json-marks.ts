/**
 * What routes.yaml says about places in the two documents of one comparison. Places are marked by the object that holds
 * them, so that a walk over both documents looks them up without naming them.
 */
import { found, type JsonPath, type Place } from './json-paths.ts';
import type { JsonValue } from './json-value.ts';

/** The paths of `compare`, made ready. */
export interface JsonRules {
  readonly ignore: readonly JsonPath[];
  readonly unordered: readonly JsonPath[];
  readonly tolerance: readonly (readonly [path: JsonPath, apart: number])[];
  readonly redact: readonly JsonPath[];
  /** A field that is null and one that is missing are the same. */
  readonly nullIsMissing: boolean;
}

/** What holds at places of two documents. */
export class JsonMarks {
  readonly #ignored = new PlaceMap<true>();
  readonly #redacted = new PlaceMap<true>();
  readonly #tolerances = new PlaceMap<number>();
  readonly #unordered = new Set<JsonValue>();
  /** The documents themselves are ignored: `$`. */
  readonly ignoresAll: boolean;
  readonly redactsAll: boolean;
  /** Of the documents themselves, where they are numbers. */
  readonly tolerance: number;
  readonly nullIsMissing: boolean;

  constructor(rules: JsonRules, documents: readonly JsonValue[]) {
    this.nullIsMissing = rules.nullIsMissing;
    this.ignoresAll = this.#mark(rules.ignore, documents, (place) => this.#ignored.set(place, true));
    this.redactsAll = this.#mark(rules.redact, documents, (place) => this.#redacted.set(place, true));
    let tolerance = 0;
    for (const [path, apart] of rules.tolerance) {
      if (this.#mark([path], documents, (place) => this.#tolerances.set(place, apart))) tolerance = apart;
    }
    this.tolerance = tolerance;
    for (const path of rules.unordered) {
      for (const document of documents)
        for (const { value } of found(path, document)) if (Array.isArray(value)) this.#unordered.add(value);
    }
  }

  isIgnored(holder: object, key: string | number): boolean {
    return this.#ignored.get(holder, key) === true;
  }

  isRedacted(holder: object, key: string | number): boolean {
    return this.#redacted.get(holder, key) === true;
  }

  /** Indices of the entries of a list that are compared. */
  comparedOf(list: readonly JsonValue[]): number[] {
    const all = list.map((_, index) => index);
    return this.#ignored.isEmpty ? all : all.filter((index) => !this.isIgnored(list, index));
  }

  /** How far apart two numbers may be: by either document. */
  toleranceOf(
    legacy: readonly [object, string | number],
    feature: readonly [object, string | number],
  ): number {
    return Math.max(this.#tolerances.get(...legacy) ?? 0, this.#tolerances.get(...feature) ?? 0);
  }

  get hasTolerances(): boolean {
    return !this.#tolerances.isEmpty;
  }

  isUnordered(list: JsonValue): boolean {
    return this.#unordered.has(list);
  }

  /** True if a path finds a document as a whole. */
  #mark(paths: readonly JsonPath[], documents: readonly JsonValue[], mark: (place: Place) => void): boolean {
    let isWhole = false;
    for (const path of paths) {
      for (const document of documents) {
        for (const { place } of found(path, document)) {
          if (place === null) isWhole = true;
          else mark(place);
        }
      }
    }
    return isWhole;
  }
}

class PlaceMap<T> {
  readonly #byHolder = new Map<object, Map<string | number, T>>();

  get isEmpty(): boolean {
    return this.#byHolder.size === 0;
  }

  set({ holder, key }: Place, value: T): void {
    const keys = this.#byHolder.get(holder);
    if (keys === undefined) this.#byHolder.set(holder, new Map([[key, value]]));
    else keys.set(key, value);
  }

  get(holder: object, key: string | number): T | undefined {
    return this.isEmpty ? undefined : this.#byHolder.get(holder)?.get(key);
  }
}
