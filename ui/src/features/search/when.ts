import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';

/** A moment in a list of hits: with its time where it is near, with its year where it is far. */
export function when(ms: number, now: number): string {
  const day = format.day(ms, now);
  if (day.kind === 'today' || day.kind === 'yesterday') return `${t.list.day(day)} ${format.time(ms)}`;
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return sameYear ? format.date(ms) : `${format.date(ms)} ${new Date(ms).getFullYear()}`;
}
