/** How many exchanges of each feature are with legacy in its place: what a fallback's `max_in_flight` limits. */
export class FallbackPlaces {
  private readonly taken = new Map<string, number>();

  /** One more may fall back. `limit` 0: none. */
  hasRoom(feature: string, limit: number): boolean {
    return limit === 0 || (this.taken.get(feature) ?? 0) < limit;
  }

  take(feature: string): void {
    this.taken.set(feature, (this.taken.get(feature) ?? 0) + 1);
  }

  giveBack(feature: string): void {
    const left = (this.taken.get(feature) ?? 0) - 1;
    if (left > 0) this.taken.set(feature, left);
    else this.taken.delete(feature);
  }
}
