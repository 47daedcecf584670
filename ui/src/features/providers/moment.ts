import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';

/** When something was: the time, with the day where that is not today. */
export function moment(at: number): string {
  const today = new Date().toDateString() === new Date(at).toDateString();
  return today ? format.time(at) : t.provider.models.when(format.date(at), format.time(at));
}
