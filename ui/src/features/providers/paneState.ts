import { t } from '$lib/i18n/en';
import type { Category, ProviderView } from '$lib/ipc/bindings';
import type { IconName } from '$lib/ui/icons';
import { askable, type Checked } from '$lib/state/providers.svelte';

/** A provider's state in the list: a shape, a tone and a word. */
export type PaneState = { sign: IconName | null; tone: '' | 'good' | 'warn' | 'err'; text: string };

const words = t.providers.state;

function failing(category: Category, local: boolean): PaneState {
  if (local && (category === 'network' || category === 'timeout')) {
    return { sign: null, tone: '', text: words.notRunning };
  }
  const text: Partial<Record<Category, string>> = {
    rejected_key: words.rejected,
    missing_key: words.noKey,
    no_credit: words.noCredit,
    network: words.unreachable,
    timeout: words.unreachable,
  };
  return { sign: 'bad', tone: 'err', text: text[category] ?? words.failing };
}

export function paneState(provider: ProviderView, checks: Record<string, Checked>): PaneState {
  if (!provider.enabled) return { sign: null, tone: '', text: words.off };
  if (!provider.ready) {
    const used = provider.accounts.filter((account) => account.enabled);
    const status = used.find((account) => account.key.status !== 'none')?.key.status ?? 'none';
    return { sign: 'warn', tone: 'warn', text: words.status[status] ?? words.noKey };
  }
  const done = askable(provider).flatMap((account) => checks[account.id] ?? []);
  if (done.length === 0) return { sign: null, tone: '', text: '' };
  const bad = done.find((check) => check.error);
  if (done.some((check) => check.ok)) {
    return bad
      ? { sign: 'warn', tone: 'warn', text: words.works }
      : { sign: 'ok', tone: 'good', text: words.works };
  }
  return failing(bad?.error?.category ?? 'internal', provider.category === 'local');
}
