import { enoughHidden } from './visible';

/** A stretch of a listing that is an element of its own. */
export type Chunk = { from: number; to: number };

const LINES = 60;
const LONGEST = 8_192;
const MOST_HIDDEN = 200;

/** Where the chunk ends that begins at a place: after so many lines, or so many letters where a line has no end. */
function chunkEnd(code: string, from: number): number {
  let at = from;
  for (let lines = 0; lines < LINES; lines += 1) {
    const end = code.indexOf('\n', at);
    const next = end < 0 ? code.length : end + 1;
    if (next - from > LONGEST) return at > from ? at : cutBeforePair(code, from + LONGEST);
    at = next;
    if (at >= code.length) break;
  }
  return at;
}

/** Not between the halves of a character. */
function cutBeforePair(code: string, at: number): number {
  const unit = code.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? at - 1 : at;
}

/** A listing in chunks; of one that grows, only the last chunk is read again. */
export class Chunks {
  #code = '';
  #chunks: Chunk[] = [];

  /** As many chunks as are wanted. */
  of(code: string, most: number): Chunk[] {
    if (!code.startsWith(this.#code)) this.#chunks = [];
    const grew = code.length !== this.#code.length;
    this.#code = code;
    const kept = grew ? this.#chunks.slice(0, -1) : this.#chunks;
    const chunks = kept.slice(0, most);
    let at = chunks.at(-1)?.to ?? 0;
    while (at < code.length && chunks.length < most) {
      const end = chunkEnd(code, at);
      const to = at + enoughHidden(code.slice(at, end), MOST_HIDDEN);
      chunks.push({ from: at, to });
      at = to;
    }
    this.#chunks = chunks;
    return chunks;
  }
}

export type Coloured = { text: string; colour: number };

/** Where in the pairs of length and colour each chunk begins, so that no chunk reads them from the start. */
export class Colours {
  readonly #pairs: Uint32Array;
  #starts: Uint32Array;

  constructor(pairs: Uint32Array) {
    this.#pairs = pairs;
    this.#starts = new Uint32Array(pairs.length / 2);
    let at = 0;
    for (let pair = 0; pair < this.#starts.length; pair += 1) {
      this.#starts[pair] = at;
      at += pairs[pair * 2] ?? 0;
    }
  }

  of(code: string, { from, to }: Chunk): Coloured[] {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= from) low = middle;
      else high = middle;
    }
    const parts: Coloured[] = [];
    let at = from;
    for (let pair = low; at < to; pair += 1) {
      const known = pair < this.#starts.length;
      const end = known ? (this.#starts[pair] ?? 0) + (this.#pairs[pair * 2] ?? 0) : to;
      const stop = Math.min(end, to);
      if (stop > at)
        parts.push({ text: code.slice(at, stop), colour: known ? (this.#pairs[pair * 2 + 1] ?? 0) : 0 });
      at = Math.max(at, stop);
    }
    return parts;
  }
}
