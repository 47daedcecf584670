import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Heights } from './heights';

const heights = fc.array(fc.nat(2000), { maxLength: 120 });
const changes = fc.array(fc.tuple(fc.nat(119), fc.nat(2000)), { maxLength: 60 });

/** The same, the slow way. */
function begins(all: number[]): number[] {
  let sum = 0;
  return [0, ...all.map((height) => (sum += height))];
}

describe('heights', () => {
  it('know where every row begins, whatever changed', () => {
    fc.assert(
      fc.property(heights, changes, (all, later) => {
        const list = new Heights(all);
        for (const [row, height] of later) {
          list.set(row, height);
          if (row < all.length) all[row] = height;
        }
        const tops = begins(all);
        expect(tops.map((_, row) => list.top(row))).toEqual(tops);
        expect(list.total).toBe(tops.at(-1));
        expect(all.map((_, row) => list.of(row))).toEqual(all);
      }),
      { seed: 4_110 },
    );
  });

  it('find the row at a place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 120 }),
        fc.integer({ min: -500, max: 120_000 }),
        (all, place) => {
          const list = new Heights(all);
          const row = list.at(place);
          if (place < 0) expect(row).toBe(0);
          else if (place >= list.total) expect(row).toBe(all.length - 1);
          else {
            expect(list.top(row)).toBeLessThanOrEqual(place);
            expect(list.top(row + 1)).toBeGreaterThan(place);
          }
        },
      ),
      { seed: 4_111 },
    );
  });

  it('say nothing of rows they do not have', () => {
    const none = new Heights([]);
    none.set(0, 10);
    expect([none.total, none.at(50), none.top(3), none.of(0)]).toEqual([0, 0, 0, 0]);
    const one = new Heights([20]);
    one.set(-1, 5);
    one.set(1, 5);
    expect([one.total, one.top(-4), one.top(9)]).toEqual([20, 0, 20]);
  });
});
