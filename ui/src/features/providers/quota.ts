import type { BalanceView } from '$lib/ipc/bindings';

/** What is left of a plan, as a page shows it. */
export type Left =
  | { kind: 'unlimited' }
  | {
      kind: 'some' | 'over' | 'used';
      /** How much is left; how much more than all was used where it is over. */
      amount: number;
      /** All that the plan holds; null where that is not said. */
      all: number | null;
      /** How much of it is used, in per cent; null where that cannot be known. */
      used: number | null;
    };

function numberOf(text: string | null): number | null {
  if (text === null || text.trim() === '') return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

/** Reads it; null where the vendor told of money, or of nothing that can be read. */
export function leftOf({ amount, quota }: BalanceView): Left | null {
  if (quota === null) return null;
  if (quota.unlimited) return { kind: 'unlimited' };
  const left = numberOf(amount);
  if (left === null) return null;
  const all = numberOf(quota.entitlement);
  const held = all !== null && all > 0 ? all : null;
  const used = held === null ? null : Math.min(100, Math.max(0, (1 - left / held) * 100));
  return { kind: left < 0 ? 'over' : left === 0 ? 'used' : 'some', amount: Math.abs(left), all: held, used };
}
