import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { Row } from '$lib/state/connecting.svelte';

/** What a row says: one sentence, whether it is a bad one, and what is known beside it. */
export type RowWords = { text: string; bad: boolean; details: string | null };

const said = (text: string, bad = false, details: string | null = null): RowWords => ({ text, bad, details });

export function rowName(row: Row): string {
  return row.vendor?.name ?? t.onboarding.ambiguous(row.candidates.length);
}

/** `host` is who is asked while it is asked. */
export function rowWords(row: Row, host: string, waiting: boolean): RowWords {
  const words = t.onboarding;
  if (row.phase === 'choose') return said(words.which);
  if (row.phase === 'saving')
    return said(waiting ? `${t.keys.waiting}. ${t.keys.waitingHint}` : words.savingHint);
  if (row.phase === 'testing') return said(words.asking(host));
  if (row.trouble) return said(t.errors.command(row.trouble), true);
  if (row.phase === 'unsaved') return said(words.notSaved, true);
  const { check } = row;
  if (!check) return said('');
  if (check.error) {
    const { title, next } = t.failure.check(check.error, rowName(row), row.vendor?.keyUrl ?? null);
    return said(`${title} ${next}`, true, check.error.message || null);
  }
  const sentence = row.masked || row.variable ? words.worksKey : words.worksServer;
  return said(sentence(format.duration(check.durationMs), check.models, format.count(check.models)));
}
