import type { JudgementInput, JudgementView } from '$lib/ipc/bindings';

/** Answers by rank, the best first; those in one rank are as good as each other. */
export type Ranks = readonly (readonly string[])[];

/** The keys of the columns from the left, by their place on the keyboard. */
const CODES = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0'];
const PLACES = new Map<string, number>([
  ...CODES.flatMap((sign, at): [string, number][] => [
    [`Digit${sign}`, at],
    [`Numpad${sign}`, at],
  ]),
  ['Minus', 10],
  ['NumpadSubtract', 10],
  ['Equal', 11],
  ['NumpadAdd', 11],
]);
const SIGNS = [...CODES, '-', '='];

/** What stands on the key of a column; nothing for a thirteenth. */
export const signOf = (at: number): string => SIGNS[at] ?? '';

/** The keys of so many columns, as they are written: 1 – 9, then each. */
export function signsOf(count: number): string {
  const row = Math.min(count, CODES.length - 1);
  const figures = row < 2 ? '1' : `1 – ${row}`;
  return [figures, ...SIGNS.slice(row, Math.max(row, count))].join(', ');
}

/** The column a key stands for. With Shift a figure is another sign, so the key's place tells. */
export function columnOf({ code, key }: { code: string; key: string }): number | null {
  const place = PLACES.get(code);
  if (place !== undefined) return place;
  // Layouts whose figures lie elsewhere.
  const at = SIGNS.indexOf(key);
  return at < 0 ? null : at;
}

const without = (ranks: Ranks, id: string): string[][] =>
  ranks.map((rank) => rank.filter((other) => other !== id)).filter((rank) => rank.length > 0);

/** Puts an answer behind those that have a rank, or beside the last of them; one that has a rank loses it. */
export function placed(ranks: Ranks, id: string, beside: boolean): string[][] {
  const rest = without(ranks, id);
  if (ranks.some((rank) => rank.includes(id))) return rest;
  const last = rest.at(-1);
  return beside && last ? [...rest.slice(0, -1), [...last, id]] : [...rest, [id]];
}

/** Takes the last one back out. */
export function undone(ranks: Ranks): string[][] {
  const last = ranks.at(-1)?.at(-1);
  return last === undefined ? [] : without(ranks, last);
}

const kept = (judgement: JudgementView | null): Pick<JudgementInput, 'note' | 'tags'> => ({
  note: judgement?.note ?? '',
  tags: judgement?.tags ?? [],
});

/** The one that is best; once more takes it back. */
export function best(judgement: JudgementView | null, id: string): JudgementInput {
  const again = isBest(judgement, id);
  return { ...kept(judgement), ranks: again ? [] : [[id]] };
}

/** It alone stands above all others. */
export function isBest(judgement: JudgementView | null, id: string): boolean {
  const [first] = judgement?.ranks ?? [];
  return first?.length === 1 && first[0] === id;
}

export const ranked = (judgement: JudgementView | null, ranks: Ranks): JudgementInput => ({
  ...kept(judgement),
  ranks: ranks.map((rank) => [...rank]),
});

/** None is better than another. What is bad in all of them is told by a word to rank by. */
export function equal(
  judgement: JudgementView | null,
  ids: readonly string[],
  bad: string | null,
): JudgementInput {
  const { note, tags } = kept(judgement);
  const added = bad !== null && !tags.includes(bad) ? [...tags, bad] : tags;
  return { note, tags: added, ranks: [[...ids]] };
}

/** The place of an answer, from 1; none where it has none. Those beside each other share it. */
export function rankOf(ranks: Ranks, id: string): number | null {
  let before = 0;
  for (const rank of ranks) {
    if (rank.includes(id)) return before + 1;
    before += rank.length;
  }
  return null;
}

/** A tag as it is kept: one word or few, without what only differs in blanks. */
export const asTag = (typed: string): string =>
  typed.trim().replaceAll(/\s+/g, ' ').toLowerCase().slice(0, 40);
