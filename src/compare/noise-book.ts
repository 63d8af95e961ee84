/**
 * Which fields of a route differ from themselves. Legacy is asked twice now and then; a field that differs between its
 * own two answers, two times not too far apart, is noise: a time, an id. It is forgotten when it has not been seen for
 * some hundred such pairs. A noise is of a field and of how it differs: a time that always differs is one, and if the
 * feature leaves it out, that is none.
 */
import type { Difference, DifferenceKind, FieldDifference } from '../model/comparison.ts';
import { MORE_FIELDS, STATUS_FIELD, WHOLE_BODY, WHOLE_TEXT } from '../model/comparison.ts';
import type { NoiseSeen, NoiseStatus } from '../model/shadow-report.ts';

/** What is left of a sighting after one more pair. */
const KEPT_PER_PAIR = 0.99;
/** Two sightings within ten pairs, or a steady one in fifty. */
const LEARNT_FROM = 1.9;
const FORGOTTEN_BELOW = 0.3;
/** Forgotten after about 420 pairs, however often it was seen. */
const MOST = 20;
const MOST_FIELDS = 100;

const NEVER_NOISE: ReadonlySet<string> = new Set([STATUS_FIELD, MORE_FIELDS, WHOLE_BODY, WHOLE_TEXT]);

interface Noise {
  readonly field: string;
  readonly kind: DifferenceKind;
  sightings: number;
  isLearnt: boolean;
  example: Pick<Difference, 'legacy' | 'feature'>;
}

/** Noise as it is kept over a restart. */
export interface NoiseMemory {
  readonly pairs: number;
  readonly unsteady: number;
  readonly fields: readonly NoiseStatus[];
}

/** The noise of one route. */
export class NoiseBook {
  readonly #noises = new Map<string, Noise>();
  #pairs = 0;
  #unsteady = 0;

  /** Takes up what was kept. */
  restore({ pairs, unsteady, fields }: NoiseMemory): void {
    this.#pairs = pairs;
    this.#unsteady = unsteady;
    for (const noise of fields.slice(0, MOST_FIELDS)) this.#noises.set(keyOf(noise), { ...noise });
  }

  /** Learns, and forgets. True if what is taken for noise has changed. */
  add({ pairs, unsteady, fields }: NoiseSeen): boolean {
    this.#pairs += pairs;
    this.#unsteady += unsteady;
    for (const noise of this.#noises.values()) noise.sightings *= KEPT_PER_PAIR ** (pairs - unsteady);
    for (const { example, count } of fields) this.#see(example, count);
    let hasChanged = false;
    for (const [key, noise] of this.#noises) {
      if (noise.sightings < FORGOTTEN_BELOW) {
        this.#noises.delete(key);
        hasChanged ||= noise.isLearnt;
      } else if (!noise.isLearnt && noise.sightings >= LEARNT_FROM) {
        noise.isLearnt = true;
        hasChanged = true;
      }
    }
    return hasChanged;
  }

  /** A difference of this kind at this field says nothing about the feature. */
  covers(difference: FieldDifference): boolean {
    return this.#noises.get(keyOf(difference))?.isLearnt === true;
  }

  /** The surest first. */
  status(): NoiseStatus[] {
    const all = [...this.#noises.values()].sort((a, b) => b.sightings - a.sightings);
    return all.map((noise) => ({ ...noise }));
  }

  get pairs(): number {
    return this.#pairs;
  }

  get unsteady(): number {
    return this.#unsteady;
  }

  memory(): NoiseMemory {
    return { pairs: this.#pairs, unsteady: this.#unsteady, fields: this.status() };
  }

  #see({ field, kind, legacy, feature }: Difference, count: number): void {
    // A status is never noise; and what differs as a whole would cover everything.
    if (NEVER_NOISE.has(field)) return;
    const key = keyOf({ field, kind });
    const known = this.#noises.get(key);
    if (known !== undefined) {
      known.sightings = Math.min(MOST, known.sightings + count);
      known.example = { legacy, feature };
    } else if (this.#noises.size < MOST_FIELDS) {
      const sightings = Math.min(MOST, count);
      this.#noises.set(key, { field, kind, sightings, isLearnt: false, example: { legacy, feature } });
    }
  }
}

/** Of two answers of legacy's either may be the one that lacks something. */
function keyOf({ field, kind }: FieldDifference): string {
  return `${kind === 'missing' || kind === 'extra' || kind === 'null' ? 'presence' : kind} ${field}`;
}
