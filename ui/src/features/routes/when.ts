import { format } from '$lib/i18n/format';

const DAY = 86_400_000;
const NEAR_DAYS = 6;

/** When something was or will be: the time today, with the weekday where that is near, else with the date. */
export function when(at: number, now: number): string {
  if (new Date(at).toDateString() === new Date(now).toDateString()) return format.time(at);
  if (Math.abs(now - at) < NEAR_DAYS * DAY) return `${format.weekday(at)} ${format.time(at)}`;
  return `${format.date(at)} ${format.time(at)}`;
}
