/** Local calendar days as they cross from the core: YYYY-MM-DD. */

/** The local day of a moment. */
export function localDay(ms: number): string {
  const date = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The moment a day begins with; `null` where it is no day of the calendar. */
export function dayBegins(day: string): number | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim()) ?? [];
  if (year === undefined) return null;
  const begin = new Date(Number(year), Number(month) - 1, Number(date));
  return localDay(begin.getTime()) === day.trim() ? begin.getTime() : null;
}
