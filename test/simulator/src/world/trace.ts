const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** A digest (FNV-1a, by words) of all that happened: two runs of one seed have the same. */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x01000193;

  number(value: number): void {
    double[0] = value;
    this.#word(words[0] ?? 0);
    this.#word(words[1] ?? 0);
  }

  text(value: string): void {
    for (let i = 0; i < value.length; i++) this.#word(value.charCodeAt(i));
  }

  get digest(): string {
    return [this.#high, this.#low]
      .map((word) => (word >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }

  #word(word: number): void {
    this.#low = Math.imul(this.#low ^ word, 0x01000193);
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ word, 0x85ebca6b);
  }
}
