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
  return begunWords(run);
}

/** What is read out when an attempt began: the first, one after another had failed, or the same one again. */
export function begunWords({ message: { attempts } }: LiveRun): string {
  const [before, now] = attempts.length < 2 ? [undefined, attempts[0]] : attempts.slice(-2);
  // An attempt begins when its request leaves: until then nobody answers.
  if (now?.outcome !== 'streaming') return '';
  return before ? t.fallback.live.trying(before, now) : t.announce.answering(now.providerName);
}
