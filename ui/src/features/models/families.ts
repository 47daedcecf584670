import type { ModelFacts } from '$lib/ipc/bindings';

/** Prices to compare by: answers are short beside what they answer. */
const INPUT_SHARE = 3;

export type Priced = {
  inputNano: number | null;
  outputNano: number | null;
  fact: ModelFacts | null;
};

/** One figure for a price; null where a part of it is not known. */
export function priceOf({ inputNano, outputNano }: Priced): number | null {
  return inputNano === null || outputNano === null ? null : inputNano * INPUT_SHARE + outputNano;
}

/** The one with the best figure, where there are several figures and one of them is better. */
function best<T>(
  all: readonly T[],
  figure: (one: T) => number | null,
  better: (a: number, b: number) => boolean,
) {
  const known = all.flatMap((one) => {
    const value = figure(one);
    return value === null ? [] : [{ one, value }];
  });
  const [first] = [...known].sort((a, b) =>
    better(a.value, b.value) ? -1 : better(b.value, a.value) ? 1 : 0,
  );
  if (!first || known.length < 2) return null;
  return known.some(({ one, value }) => one !== first.one && value === first.value) ? null : first.one;
}

export const cheapest = <T extends Priced>(offers: readonly T[]): T | null =>
  best(offers, priceOf, (a, b) => a < b);

export const fastest = <T extends Priced>(offers: readonly T[]): T | null =>
  best(
    offers,
    (offer) => offer.fact?.tokensPerSecond ?? null,
    (a, b) => a > b,
  );
