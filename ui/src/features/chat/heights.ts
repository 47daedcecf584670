/**
 * The heights of the rows of a long list, as a Fenwick tree: where a row begins, and which row stands at a
 * place, in logarithmic time, however often a height changes.
 */
export class Heights {
  readonly length: number;
  readonly #own: Float64Array;
  /** One-based: `#sums[at]` is the sum of the `at & -at` rows that end with row `at - 1`. */
  readonly #sums: Float64Array;
  readonly #top: number;

  constructor(heights: ArrayLike<number>) {
    this.length = heights.length;
    this.#own = Float64Array.from(heights);
    this.#sums = new Float64Array(this.length + 1);
    for (let at = 1; at <= this.length; at += 1) {
      this.#sums[at] = (this.#sums[at] ?? 0) + this.of(at - 1);
      const above = at + (at & -at);
      if (above <= this.length) this.#sums[above] = (this.#sums[above] ?? 0) + (this.#sums[at] ?? 0);
    }
    this.#top = this.length === 0 ? 0 : 2 ** Math.floor(Math.log2(this.length));
  }

  of(row: number): number {
    return this.#own[row] ?? 0;
  }

  set(row: number, height: number): void {
    if (row < 0 || row >= this.length) return;
    const change = height - this.of(row);
    if (change === 0) return;
    this.#own[row] = height;
    for (let at = row + 1; at <= this.length; at += at & -at) this.#sums[at] = (this.#sums[at] ?? 0) + change;
  }

  /** Where a row begins; the length stands for the end of the list. */
  top(row: number): number {
    let sum = 0;
    for (let at = Math.max(0, Math.min(row, this.length)); at > 0; at -= at & -at) sum += this.#sums[at] ?? 0;
    return sum;
  }

  get total(): number {
    return this.top(this.length);
  }

  /** The row at a place; above the list the first, below it the last. */
  at(place: number): number {
    let row = 0;
    let rest = place;
    for (let step = this.#top; step > 0; step >>= 1) {
      const next = row + step;
      const sum = this.#sums[next];
      if (next > this.length || sum === undefined || sum > rest) continue;
      row = next;
      rest -= sum;
    }
    return Math.max(0, Math.min(row, this.length - 1));
  }
}
