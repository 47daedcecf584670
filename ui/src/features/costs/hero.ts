import { span } from '$lib/days/calendar';
import type { BudgetView, CostDashboard, WasteKind } from '$lib/ipc/bindings';
import { isRunningMonth } from '$lib/state/costRange';

/** The month against its budget, in hundredths of the limit. */
export type MonthStanding = {
  limitNano: number;
  spent: number;
  projected: number;
  /** Where the first warning that is still to come stands, else the last. */
  warn: number | null;
  warnNano: number | null;
};

export type Standing = {
  /** The range is the month that runs. */
  running: boolean;
  day: number;
  length: number;
  month: MonthStanding | null;
  dayBudget: BudgetView | null;
  /** Nano-USD a day that the budget of the month allows. */
  pace: number | null;
  wasteNano: number;
  guessedWasteNano: number;
};

/** Paid for and not usable; what a person stopped is what they wanted. */
export const wasteKinds: WasteKind[] = ['cutOff', 'failed', 'askedAgain', 'triedAgain'];

/** What the head of the costs says. A budget is of everything: under a filter it says nothing. */
export function standingOf(view: CostDashboard, filtered: boolean): Standing {
  const { budget, totals, projection, today } = view;
  const { from = today, to = today } = view.filter;
  const running = isRunningMonth(from, to, today);
  const length = span(from, to);
  const fits = budget !== null && !filtered;
  const wasted = view.waste.filter(({ kind }) => wasteKinds.includes(kind));
  const base = {
    running,
    day: Math.max(1, Math.min(length, span(from, today))),
    length,
    dayBudget: fits && budget.period === 'day' ? budget : null,
    wasteNano: wasted.reduce((sum, one) => sum + one.totalNano, 0),
    guessedWasteNano: wasted.reduce((sum, one) => sum + one.guessedNano, 0),
  };
  if (!fits || !running || budget.period !== 'month') return { ...base, month: null, pace: null };
  const { limitNano, warnAt } = budget;
  const share = (nano: number) => (100 * nano) / limitNano;
  const warn = warnAt.find((at) => share(totals.totalNano) < at) ?? warnAt.at(-1) ?? null;
  return {
    ...base,
    pace: limitNano / length,
    month: {
      limitNano,
      spent: share(totals.totalNano),
      projected: share(projection?.totalNano ?? totals.totalNano),
      warn,
      warnNano: warn === null ? null : (limitNano * warn) / 100,
    },
  };
}
