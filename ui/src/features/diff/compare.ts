import { diffArrays } from 'diff';
import { linesOf, wordsOf, type Token } from './tokens';

/** Tokens that both texts have, as they stand in each, or that one has and the other has not. */
export type Stretch = { kind: 'same' | 'change'; left: Token[]; right: Token[] };

/** What was compared: words, or lines where that takes too long, or nothing where that does, too. */
export type Grain = 'words' | 'lines' | 'none';

export type Comparison = {
  grain: Grain;
  stretches: Stretch[];
  /** How many stretches are changes. */
  changes: number;
  /** Words that only one of them has. */
  onlyLeft: number;
  onlyRight: number;
};

export type Limits = {
  /** Characters of both texts together up to which words are compared. */
  characters: number;
  /** Milliseconds until words are given up for lines, and again until lines are. */
  ms: number;
  /** Tokens that may differ until the same. */
  edits: number;
};

/** The page stands still meanwhile: no longer than a person takes for a slow click. */
export const LIMITS: Limits = { characters: 400_000, ms: 250, edits: 20_000 };

/** What differs between two texts, in bounded time. */
export function compare(left: string, right: string, limits: Limits = LIMITS): Comparison {
  if (left.length + right.length <= limits.characters) {
    const words = new Pair(wordsOf(left), wordsOf(right));
    const spans = words.spans(limits);
    if (spans) return words.summed('words', words.joined(spans));
  }
  const lines = new Pair(linesOf(left), linesOf(right));
  const spans = lines.spans(limits);
  if (spans) return lines.summed('lines', spans);
  return lines.summed('none', [{ kind: 'change', left: 0, right: 0 }]);
}

/** A stretch by where it begins in both texts; it ends where the next one begins. */
type Span = { kind: Stretch['kind']; left: number; right: number };

/** Words in common that are no sign of anything in common: "the" between two sentences that differ. */
const CHANCE = 3;
/** Stretches that are joined make others small beside them; after some rounds there are none. */
const ROUNDS = 8;

class Pair {
  readonly #left: Token[];
  readonly #right: Token[];
  /** Words up to each token. */
  readonly #leftWords: number[];
  readonly #rightWords: number[];

  constructor(left: Token[], right: Token[]) {
    this.#left = left;
    this.#right = right;
    this.#leftWords = sums(left);
    this.#rightWords = sums(right);
  }

  /** Same and change by turns; null where that takes longer than it may. */
  spans({ ms, edits }: Limits): Span[] | null {
    // Numbers compare faster than words.
    const numbers = new Map<string, number>();
    const numbered = (tokens: Token[]) =>
      tokens.map(({ key }) => {
        const known = numbers.get(key) ?? numbers.size;
        numbers.set(key, known);
        return known;
      });
    const steps = diffArrays(numbered(this.#left), numbered(this.#right), {
      timeout: ms,
      maxEditLength: edits,
    });
    if (!steps) return null;
    const all: Span[] = [];
    let left = 0;
    let right = 0;
    for (const { count, added, removed } of steps) {
      const kind = added || removed ? 'change' : 'same';
      if (all.at(-1)?.kind !== kind) all.push({ kind, left, right });
      if (!added) left += count;
      if (!removed) right += count;
    }
    return all;
  }

  /** A few words in common between more that differ belong to these: else nobody could read what is marked. */
  joined(spans: Span[]): Span[] {
    let all = spans;
    for (let round = 0; round < ROUNDS; round += 1) {
      const next: Span[] = [];
      all.forEach((span, at) => {
        const end = all[at + 1];
        const before = next.at(-1);
        const lost = span.kind === 'same' && before && this.#lost(before, span, end, all[at + 2]);
        // What is left out is a part of the change before it.
        if (!lost && (before?.kind !== 'change' || span.kind !== 'change')) next.push(span);
      });
      if (next.length === all.length) break;
      all = next;
    }
    return all;
  }

  summed(grain: Grain, spans: Span[]): Comparison {
    const all = spans.map((span, at): Stretch => {
      const end = spans[at + 1];
      return {
        kind: span.kind,
        left: this.#left.slice(span.left, end?.left),
        right: this.#right.slice(span.right, end?.right),
      };
    });
    const stretches = all.filter(({ left, right }) => left.length + right.length > 0);
    const changes = stretches.filter(({ kind }) => kind === 'change');
    const words = (tokens: Token[]) => tokens.reduce((sum, token) => sum + token.words, 0);
    return {
      grain,
      stretches,
      changes: changes.length,
      onlyLeft: changes.reduce((sum, { left }) => sum + words(left), 0),
      onlyRight: changes.reduce((sum, { right }) => sum + words(right), 0),
    };
  }

  /** The words in common between two changes count for less than these; at the end it is a full stop. */
  #lost(before: Span, same: Span, after: Span | undefined, end: Span | undefined): boolean {
    const common = this.#weight(same, after);
    if (!after) return common === 0 && this.#weight(before, same) > CHANCE;
    return common <= CHANCE && common < Math.min(this.#weight(before, same), this.#weight(after, end));
  }

  #weight(from: Span, to: Span | undefined): number {
    const words = (counts: number[], at: number, end: number | undefined) =>
      (counts[end ?? counts.length - 1] ?? 0) - (counts[at] ?? 0);
    return Math.max(
      words(this.#leftWords, from.left, to?.left),
      words(this.#rightWords, from.right, to?.right),
    );
  }
}

function sums(tokens: Token[]): number[] {
  const counts = [0];
  for (const { words } of tokens) counts.push((counts.at(-1) ?? 0) + words);
  return counts;
}
