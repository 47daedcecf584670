import type { ModelFacts, ProviderView } from '$lib/ipc/bindings';
import type { Checked } from '$lib/state/providers.svelte';

/** Why a provider cannot be asked now. */
export type Trouble =
  | 'off'
  | 'keysOff'
  | 'noKey'
  | 'rejected'
  | 'sessionOver'
  | 'variableUnset'
  | 'otherAddress'
  | 'locked'
  | 'unavailable'
  | 'lost';

/** As far as is known without asking anybody; null where nothing speaks against it. */
export function troubleOf(
  provider: ProviderView,
  checks: Readonly<Record<string, Pick<Checked, 'ok' | 'error'>>>,
): Trouble | null {
  if (!provider.enabled) return 'off';
  const used = provider.accounts.filter((account) => account.enabled);
  if (!provider.ready) {
    if (used.length === 0) return 'keysOff';
    const status = used.find((account) => account.key.status !== 'none')?.key.status ?? 'none';
    return status === 'none' || status === 'ready' ? 'noKey' : status;
  }
  const asked = used.flatMap((account) => checks[account.id] ?? []);
  const rejected = asked.length > 0 && asked.every((check) => check.error?.category === 'rejected_key');
  return rejected && asked.length === used.length ? 'rejected' : null;
}

/** How a model did lately: `ok`, `shaky` where calls fail now and then or the last one did, `bad` where all did. */
export type Health = 'ok' | 'shaky' | 'bad';

const OFTEN = 0.2;

export function healthOf(fact: ModelFacts | null): Health | null {
  if (!fact || fact.calls < 1) return null;
  if (fact.failed >= fact.calls) return 'bad';
  const broke = fact.last === 'failed' || fact.last === 'interrupted';
  return broke || fact.failed / fact.calls > OFTEN ? 'shaky' : 'ok';
}
