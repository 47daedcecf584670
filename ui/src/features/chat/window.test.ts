import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heights } from './heights';
import { guess, placed, rowsIn } from './window';

const lists = fc.array(fc.integer({ min: 20, max: 3000 }), { minLength: 1, maxLength: 80 });

describe('the rows of a view', () => {
  it('cover it, and nothing far from it', () => {
    fc.assert(
      fc.property(
        lists,
        fc.nat(240_000),
        fc.integer({ min: 1, max: 1500 }),
        fc.nat(800),
        (all, at, view, margin) => {
          const heights = new Heights(all);
          const top = Math.min(at, Math.max(0, heights.total - view));
          const { from, to } = rowsIn(heights, top, view, margin);
          expect(heights.top(from)).toBeLessThanOrEqual(Math.max(0, top));
          expect(heights.top(to)).toBeGreaterThanOrEqual(Math.min(heights.total, top + view));
          if (from > 0) expect(heights.top(from + 1)).toBeGreaterThan(top - margin);
          if (to < all.length) expect(heights.top(to - 1)).toBeLessThanOrEqual(top + view + margin);
        },
      ),
      { seed: 4_112 },
    );
  });

  it('stand where the list has them, with the gaps between them', () => {
    fc.assert(
      fc.property(
        lists,
        fc.nat(80),
        fc.nat(80),
        fc.array(fc.integer({ min: -3, max: 90 })),
        (all, a, b, kept) => {
          const heights = new Heights(all);
          const range = { from: Math.min(a, b, all.length), to: Math.min(Math.max(a, b), all.length) };
          const rows = placed(heights, range, kept);
          let place = 0;
          for (const { row, gap } of rows) {
            place += gap;
            expect(place).toBe(heights.top(row));
            place += heights.of(row);
          }
          const built = rows.map(({ row }) => row);
          expect(built).toEqual([...new Set(built)].sort((x, y) => x - y));
          for (let row = range.from; row < range.to; row += 1) expect(built).toContain(row);
          for (const row of kept) expect(built.includes(row)).toBe(row >= 0 && row < all.length);
        },
      ),
      { seed: 4_113 },
    );
  });
});

describe('a guess', () => {
  it('grows with the text and with a narrower column', () => {
    for (const role of ['user', 'assistant'] as const) {
      const short = guess({ id: 'm', role, size: 10 }, 760);
      const long = guess({ id: 'm', role, size: 4000 }, 760);
      expect(long).toBeGreaterThan(short * 3);
      expect(guess({ id: 'm', role, size: 4000 }, 400)).toBeGreaterThan(long);
      expect(Number.isFinite(guess({ id: 'm', role, size: 4000 }, 0))).toBe(true);
    }
  });
});
