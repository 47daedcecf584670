import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { LiveRun } from '$lib/stream/reduce';
import type { Providers } from './providers.svelte';

/** What is read out when a reply begins to wait, or goes out at last. */
export function queuedWords(run: LiveRun, providers: Providers | undefined): string {
  const last = run.message.attempts.at(-1);
  if (run.waiting) {
    const provider = providers?.byId(run.waiting.target.providerId);
    const { retry, until } = run.waiting;
    if (retry) {
      const soon = until === null ? null : format.elapsed(until - Date.now());
      const who = provider?.name ?? last?.providerName ?? '';
      return t.fallback.live.said(who, retry.because, retry.number, retry.most, soon);
    }
    return t.queue.said(run.waiting, provider?.name ?? '', provider?.settings.limits ?? null);
  }
  // An attempt begins when its request leaves: until then nobody answers.
  return last ? t.announce.answering(last.providerName) : '';
}

/** What is read out when an attempt began, after another had failed or as the first after a wait. */
export function rotatedWords(run: LiveRun): string {
  const now = run.message.attempts.at(-1);
  const before = run.message.attempts.at(-2);
  if (!now) return '';
  if (!before) return t.announce.answering(now.providerName);
  // The wait before it has told of a retry.
  return now.reason === 'retry' ? '' : t.fallback.live.trying(before, now);
}
