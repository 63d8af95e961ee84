/**
 * What the process holds of others' bytes and could do without: copies, beginnings of bodies for a second sending, what
 * clients sent ahead. One account over all, so that no sum of many small things fills the memory.
 */
export interface HeldBytes {
  /** Now. */
  readonly held: number;
  /** Nothing more is taken. */
  readonly isFull: boolean;
  /** False: there is no room for so many, and none were taken. */
  take(bytes: number): boolean;
  /** Takes them, room or not: they are there already. */
  hold(bytes: number): void;
  giveBack(bytes: number): void;
}
