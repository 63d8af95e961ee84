/**
 * The normal form N of a path (docs/matching.md): unreserved percent-triplets decoded, dot segments resolved, slashes
 * merged; `;parameters` stay, and so does every other triplet. All of it in linear time, whatever the path holds.
 */

/** How slashes and dot segments are dealt with; which of it a program does, and in which order, is its own affair. */
export interface Tail {
  readonly resolve: boolean;
  /** When `//` becomes `/`: before dot segments are resolved, after it, or never. `/a//../b` shows the difference. */
  readonly merge: 'before' | 'after' | 'never';
}

/** N of a path that was not refused. */
export function normalPathOf(path: string, mergeSlashes: boolean): string {
  return withTail(decodeUnreserved(path), { resolve: true, merge: mergeSlashes ? 'after' : 'never' });
}

const UNRESERVED_TRIPLET = /%(?:2[dDeE]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])/g;

/** Decodes the triplets of letters, digits, `-`, `.`, `_` and `~` (RFC 3986 section 6.2.2.2). */
export function decodeUnreserved(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(UNRESERVED_TRIPLET, (triplet) =>
    String.fromCharCode(Number.parseInt(triplet.slice(1), 16)),
  );
}

/** Merges slashes and resolves dot segments as told. The path begins with a slash, and so does what comes back. */
export function withTail(path: string, tail: Tail): string {
  const resolves = tail.resolve && path.includes('/.');
  const merges = tail.merge !== 'never' && path.includes('//');
  if (!resolves && !merges) return path;
  let segments = path.split('/');
  if (merges && tail.merge === 'before') segments = merged(segments);
  if (resolves) segments = resolved(segments);
  // Resolving `/a/b/..//c` leaves the two slashes; it never makes two of one.
  if (merges && tail.merge === 'after') segments = merged(segments);
  return segments.join('/');
}

/** RFC 3986 section 5.2.4. A dot segment at the end leaves a slash at the end; `..` above the root is dropped. */
function resolved(segments: readonly string[]): string[] {
  const kept: string[] = [''];
  for (let i = 1; i < segments.length; i += 1) {
    const segment = segments[i] as string;
    const isDots = segment === '.' || segment === '..';
    if (segment === '..' && kept.length > 1) kept.pop();
    if (!isDots) kept.push(segment);
    else if (i === segments.length - 1) kept.push('');
  }
  return kept;
}

/** The first, before the leading slash, and the last may be empty. */
function merged(segments: readonly string[]): string[] {
  const kept: string[] = [''];
  for (let i = 1; i < segments.length; i += 1) {
    if (segments[i] !== '' || i === segments.length - 1) kept.push(segments[i] as string);
  }
  return kept;
}
