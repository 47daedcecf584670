import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, nothing, reach, still, toggle } from './selection';

const order = ['a', 'b', 'c', 'd', 'e'];
const ids = (of: { ids: ReadonlySet<string> }) => [...of.ids].sort();

describe('selection', () => {
  it('takes one in and out again, and a range begins at the last', () => {
    const two = toggle(toggle(nothing, 'd'), 'b');
    expect(ids(two)).toEqual(['b', 'd']);
    expect(ids(toggle(two, 'd'))).toEqual(['b']);
    expect(ids(reach(two, order, 'e', null))).toEqual(['b', 'c', 'd', 'e']);
  });

  it('reaches from the anchor both ways, and the anchor stays', () => {
    const from = toggle(nothing, 'c');
    const down = reach(from, order, 'e', null);
    expect(ids(down)).toEqual(['c', 'd', 'e']);
    expect(ids(reach(down, order, 'a', null))).toEqual(['a', 'b', 'c']);
    expect(ids(reach(down, order, 'c', null))).toEqual(['c']);
  });

  it('reaches from where the focus is when nothing was chosen, or the anchor is gone', () => {
    expect(ids(reach(nothing, order, 'c', 'b'))).toEqual(['b', 'c']);
    expect(ids(reach({ ids: new Set(), anchor: 'gone' }, order, 'c', 'd'))).toEqual(['c', 'd']);
    expect(ids(reach(nothing, order, 'c', null))).toEqual(['c']);
    expect(ids(reach(nothing, order, 'gone', 'b'))).toEqual([]);
  });

  it('keeps only what is still there', () => {
    const chosen = all(toggle(nothing, 'b'), order);
    const left = still(chosen, ['a', 'c']);
    expect(ids(left)).toEqual(['a', 'c']);
    expect(left.anchor).toBeNull();
    expect(still(chosen, order)).toBe(chosen);
  });

  it('is the same wherever a range is begun from', () => {
    const place = fc.integer({ min: 0, max: order.length - 1 });
    fc.assert(
      fc.property(place, place, (one, other) => {
        const [a, b] = [order[one] ?? '', order[other] ?? ''];
        const there = reach({ ids: new Set(), anchor: a }, order, b, null);
        expect(ids(there)).toEqual(ids(reach({ ids: new Set(), anchor: b }, order, a, null)));
        expect(there.ids.size).toBe(Math.abs(one - other) + 1);
        expect(there.anchor).toBe(a);
        expect(ids(toggle(toggle(there, a), a))).toEqual(ids(there));
      }),
    );
  });
});
