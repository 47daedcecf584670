import { firstOf, lastOf, monthOf, plus } from '$lib/days/calendar';

/** Over which days costs are looked at. */
export type CostRange =
  | { kind: 'thisMonth' | 'lastMonth' | 'last7' | 'last30' | 'thisYear' | 'all' }
  /** YYYY-MM. */
  | { kind: 'month'; month: string }
  | { kind: 'days'; from: string; to: string };

export const presets = ['thisMonth', 'lastMonth', 'last7', 'last30', 'thisYear', 'all'] as const;

const inOrder = (one: string, other: string) =>
  (one <= other ? [one, other] : [other, one]) as [string, string];

/** Its first and last day; today stands for the beginning of a ledger that is empty. */
export function daysOf(range: CostRange, today: string, since: string | null): { from: string; to: string } {
  const before = plus(firstOf(today), -1);
  const days: Record<(typeof presets)[number], () => [string, string]> = {
    thisMonth: () => [firstOf(today), lastOf(today)],
    lastMonth: () => [firstOf(before), before],
    last7: () => [plus(today, -6), today],
    last30: () => [plus(today, -29), today],
    thisYear: () => [`${today.slice(0, 4)}-01-01`, today],
    all: () => inOrder(since ?? today, today),
  };
  let ends: [string, string];
  if (range.kind === 'month') ends = [`${range.month}-01`, lastOf(`${range.month}-01`)];
  else if (range.kind === 'days') ends = inOrder(range.from, range.to);
  else ends = days[range.kind]();
  return { from: ends[0], to: ends[1] };
}

/** The range of a bar of the chart. */
export function ofBucket(bucket: string): CostRange {
  return bucket.length === 7 ? { kind: 'month', month: bucket } : { kind: 'days', from: bucket, to: bucket };
}

/** Months to choose from: every one there is anything of, the newest first. */
export function monthsSince(since: string | null, today: string): string[] {
  const months: string[] = [];
  const first = monthOf(since ?? today);
  for (let day = firstOf(today); monthOf(day) >= first && months.length < 240; day = firstOf(plus(day, -1)))
    months.push(monthOf(day));
  return months;
}

/** Whether it is the month that runs, whole. */
export const isRunningMonth = (from: string, to: string, today: string) =>
  from === firstOf(today) && to === lastOf(today);
