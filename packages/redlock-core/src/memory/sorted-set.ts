/** The members of a sorted set, as Redis has them: by score, and by their text where scores are equal. */
export class SortedSet {
  readonly #scores = new Map<string, number>();
  #members: readonly string[] = [];

  get size(): number {
    return this.#members.length;
  }

  /** In order. A later change makes another array. */
  get members(): readonly string[] {
    return this.#members;
  }

  /** The score of a member; `undefined`: it is not in the set. */
  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  add(member: string, score: number): void {
    if (this.#scores.get(member) === score) return;
    this.delete(member);
    this.#members = this.#members.toSpliced(this.#placeOf(member, score), 0, member);
    this.#scores.set(member, score);
  }

  delete(member: string): void {
    if (!this.#scores.delete(member)) return;
    this.#members = this.#members.toSpliced(this.#members.indexOf(member), 1);
  }

  /** How many members stand before this one. */
  rank(member: string): number {
    return this.#members.indexOf(member);
  }

  /** How many members stand before one that is not there yet. */
  #placeOf(member: string, score: number): number {
    let least = 0;
    let most = this.#members.length;
    while (least < most) {
      const middle = (least + most) >> 1;
      if (this.#isBefore(this.#members[middle] ?? '', member, score)) least = middle + 1;
      else most = middle;
    }
    return least;
  }

  #isBefore(one: string, member: string, score: number): boolean {
    const other = this.#scores.get(one) ?? 0;
    return other < score || (other === score && one < member);
  }
}
