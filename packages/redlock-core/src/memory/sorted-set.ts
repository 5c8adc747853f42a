/** The members of a sorted set, as Redis has them: by score, and by their text where scores are equal. */
export class SortedSet {
  readonly #scores = new Map<string, number>();

  get size(): number {
    return this.#scores.size;
  }

  get members(): readonly string[] {
    return [...this.#scores]
      .toSorted(([a, one], [b, other]) => one - other || (a < b ? -1 : 1))
      .map(([member]) => member);
  }

  /** The score of a member; `undefined`: it is not in the set. */
  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  add(member: string, score: number): void {
    this.#scores.set(member, score);
  }

  delete(member: string): void {
    this.#scores.delete(member);
  }

  /** How many members stand before this one. */
  rank(member: string): number {
    return this.members.indexOf(member);
  }
}
