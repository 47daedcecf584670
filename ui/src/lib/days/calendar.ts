/** Days of the calendar as YYYY-MM-DD, reckoned without clocks or zones. */

const DAY = 86_400_000;

/** A number that grows by 86,400,000 from one day to the next. */
export const stamp = (day: string) => Date.parse(`${day}T00:00:00Z`);
export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
export const plus = (day: string, days: number) => dayOf(stamp(day) + days * DAY);
/** How many days from one to the other, both counted. */
export const span = (from: string, to: string) => Math.round((stamp(to) - stamp(from)) / DAY) + 1;
export const monthOf = (day: string) => day.slice(0, 7);
export const firstOf = (day: string) => `${monthOf(day)}-01`;
export const weekend = (day: string) => [0, 6].includes(new Date(stamp(day)).getUTCDay());

export function lastOf(day: string): string {
  const [year, month] = day.split('-').map(Number);
  return dayOf(Date.UTC(year ?? 1970, month ?? 1, 0));
}

export const firstOfNext = (day: string) => plus(lastOf(day), 1);
