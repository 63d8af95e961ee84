/** What currently has its turn, as far as its connection must know. */
export interface Occupant {
  /** The client is gone, or can't be understood any more. */
  lost(): void;
  /** The socket has emptied its buffer. */
  drained(): void;
  /** Its answer is complete. */
  readonly isAnswered: boolean;
}
