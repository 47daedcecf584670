import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BalanceView } from '$lib/ipc/bindings';
import { leftOf } from './quota';

const plan = (amount: string | null, entitlement: string | null, unlimited = false): BalanceView => ({
  amount,
  currency: null,
  quota: { entitlement, unlimited, resetsAt: null },
});

describe('what is left of a plan', () => {
  it.each([
    ['75', '300', { kind: 'some', amount: 75, all: 300, used: 75 }],
    ['212.5', '300', { kind: 'some', amount: 212.5, all: 300, used: (1 - 212.5 / 300) * 100 }],
    ['0', '300', { kind: 'used', amount: 0, all: 300, used: 100 }],
    ['-12', '300', { kind: 'over', amount: 12, all: 300, used: 100 }],
    ['40', null, { kind: 'some', amount: 40, all: null, used: null }],
    ['0', '0', { kind: 'used', amount: 0, all: null, used: null }],
    ['400', '300', { kind: 'some', amount: 400, all: 300, used: 0 }],
  ])('%s of %s', (amount, all, left) => expect(leftOf(plan(amount, all))).toEqual(left));

  it('is no number where there is no limit, and nothing where nothing is said', () => {
    expect(leftOf(plan(null, null, true))).toEqual({ kind: 'unlimited' });
    expect(leftOf(plan(null, '300'))).toBeNull();
    expect(leftOf(plan('much', '300'))).toBeNull();
    expect(leftOf({ amount: '12.40', currency: 'USD', quota: null })).toBeNull();
  });

  it('is never more than a whole bar', () =>
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.boolean(), (amount, all, unlimited) => {
        const left = leftOf(plan(amount, all, unlimited));
        if (left === null || left.kind === 'unlimited' || left.used === null) return;
        expect(left.used).toBeGreaterThanOrEqual(0);
        expect(left.used).toBeLessThanOrEqual(100);
      }),
    ));
});
