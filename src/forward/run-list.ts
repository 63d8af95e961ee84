/** What knows its place in a {@link RunList}. */
export interface Listed {
  /** Set by the list alone; -1: in none. */
  place: number;
}

/**
 * The exchanges under way, in no order. Not a Set: one through which every request passes is rebuilt again and again,
 * and each old table, once it is in the old generation, keeps what it held, and the table after it, alive for the
 * young generation's collector, though nobody can reach them. A fifth of all that was allocated was copied for that.
 */
export class RunList<Item extends Listed> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    item.place = this.#items.length;
    this.#items.push(item);
  }

  delete(item: Item): void {
    if (item.place === -1) return;
    const last = this.#items.pop() as Item;
    if (last !== item) {
      this.#items[item.place] = last;
      last.place = item.place;
    }
    item.place = -1;
  }

  /** As they are now: what is done with them may end some. */
  all(): readonly Item[] {
    return [...this.#items];
  }
}
