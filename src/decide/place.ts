import { cookieValues } from '../model/cookies.ts';
import type { HeaderList } from '../model/header-list.ts';
import { PLACES } from './bucket.ts';

/**
 * A client's place, which the router's own cookie holds: never the side, so that a share that is changed, or taken
 * back, acts at once on those who hold a cookie too. One text stands for one place; whatever else a client sends under
 * that name is as good as nothing.
 */

/** Name of the router's own cookie. */
const PLACE_COOKIE = 'banyan';

const ONE_YEAR_S = 31_536_000;
/** No sign, no leading zero, no spaces, no quotes. */
const PLACE = /^(?:0|[1-9][0-9]{0,3})$/;

/** The place that a request brings: of several cookies the first that holds one; null for none. */
export function placeOf(headers: HeaderList): number | null {
  const value = cookieValues(headers, PLACE_COOKIE).find((text) => PLACE.test(text));
  return value === undefined ? null : Number(value);
}

/** A place for a client that has none. `random` gives 0 (included) to 1 (not included). */
export function drawPlace(random: () => number): number {
  return Math.floor(random() * PLACES);
}

/** The Set-Cookie that keeps a client at its place. `isSecure`: the client speaks TLS, to us or to a trusted proxy. */
export function placeCookie(place: number, isSecure: boolean): string {
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${ONE_YEAR_S}`;
  return `${PLACE_COOKIE}=${place}; ${attributes}${isSecure ? '; Secure' : ''}`;
}
