/** How many copies of each feature are under way: what `max_in_flight` limits. It goes on over reloads. */
export class ShadowPlaces {
  private readonly taken = new Map<string, number>();

  /** One more may be sent. `limit` 0: none. */
  hasRoom(feature: string, limit: number): boolean {
    return limit === 0 || this.of(feature) < limit;
  }

  /** False: there is none left. */
  take(feature: string, limit: number): boolean {
    if (!this.hasRoom(feature, limit)) return false;
    this.taken.set(feature, this.of(feature) + 1);
    return true;
  }

  giveBack(feature: string): void {
    const left = this.of(feature) - 1;
    if (left > 0) this.taken.set(feature, left);
    else this.taken.delete(feature);
  }

  of(feature: string): number {
    return this.taken.get(feature) ?? 0;
  }
}
