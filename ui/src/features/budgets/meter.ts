import type { BudgetView } from '$lib/ipc/bindings';

/** A budget as a meter of a hundred: what is spent, what is under way after it, and where it warns. */
export type Meter = {
  spent: number;
  reserved: number;
  ticks: number[];
  percent: number;
  level: 'calm' | 'warn' | 'err';
};

const within = (share: number) => Math.max(0, Math.min(100, share));

export function meterOf(budget: BudgetView): Meter {
  const { limitNano, spentNano, reservedNano, warnAt, reached } = budget;
  const share = (nano: number) => (limitNano > 0 ? (nano * 100) / limitNano : 100);
  const spent = within(share(spentNano));
  const percent = Math.floor(share(spentNano));
  const warned = warnAt.some((at) => percent >= at);
  return {
    spent,
    reserved: within(share(spentNano + reservedNano)) - spent,
    ticks: warnAt.filter((at) => at < 100),
    percent,
    level: reached || percent >= 100 ? 'err' : warned ? 'warn' : 'calm',
  };
}
