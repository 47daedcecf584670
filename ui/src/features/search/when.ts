import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import { dayStart, groupOf } from '$lib/days/groups';

/** A moment in a list of hits: with its time where it is near, with its year where it is far. */
export function when(ms: number, now: number): string {
  const { group } = groupOf(ms, dayStart(now));
  if (group.kind === 'today' || group.kind === 'yesterday')
    return `${t.list.group(group)} ${format.time(ms)}`;
  const sameYear = new Date(ms).getFullYear() === new Date(now).getFullYear();
  return sameYear ? format.date(ms) : `${format.date(ms)} ${new Date(ms).getFullYear()}`;
}
