/** What an answer is the most of, among those that are done. */
export type MarkKind = 'fastest' | 'cheapest' | 'longest';

/** An answer that is done, as far as it is measured. */
export type Measured = {
  key: string;
  firstTokenMs: number | null;
  nano: number | null;
  tokens: number | null;
};

type Measure = { kind: MarkKind; of: (one: Measured) => number | null; least: boolean };

const measures: Measure[] = [
  { kind: 'fastest', of: ({ firstTokenMs }) => firstTokenMs, least: true },
  { kind: 'cheapest', of: ({ nano }) => nano, least: true },
  { kind: 'longest', of: ({ tokens }) => tokens, least: false },
];

/** The marks of each answer. There is none of one answer alone, and none where all are the same. */
export function marksOf(done: readonly Measured[]): Map<string, MarkKind[]> {
  const marks = new Map<string, MarkKind[]>();
  for (const { kind, of, least } of measures) {
    const known = done.flatMap((one) => {
      const value = of(one);
      return value === null ? [] : [{ key: one.key, value }];
    });
    const values = known.map(({ value }) => value);
    const best = least ? Math.min(...values) : Math.max(...values);
    const holders = known.filter(({ value }) => value === best);
    if (known.length < 2 || holders.length === known.length) continue;
    for (const { key } of holders) marks.set(key, [...(marks.get(key) ?? []), kind]);
  }
  return marks;
}
