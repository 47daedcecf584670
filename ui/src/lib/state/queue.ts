import { t } from '$lib/i18n/en';
import type { ProviderView } from '$lib/ipc/bindings';
import type { LiveRun } from '$lib/stream/reduce';

/** What is read out when a reply begins to wait, or goes out at last. */
export function queuedWords(run: LiveRun, provider: ProviderView | undefined): string {
  const who = run.message.attempts.at(-1)?.providerName ?? provider?.name ?? '';
  if (!run.waiting) return t.announce.answering(who);
  return t.queue.said(run.waiting, who, provider?.settings.limits ?? null);
}

/** What is read out when one attempt failed and another began. */
export function rotatedWords(run: LiveRun): string {
  const now = run.message.attempts.at(-1);
  const before = run.message.attempts.at(-2);
  if (!now || !before) return '';
  const asked = t.queue.named(now.providerName, now.account);
  if (!before.error) return t.announce.answering(asked);
  const failed = t.failure.title(before.error.category, before.providerName, before.error);
  return t.queue.rotated(before.account, failed, asked);
}
