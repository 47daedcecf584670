import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type {
  KeyForm,
  AccountView,
  KeyState,
  ProviderFacts,
  ProviderView,
  SecretSlot,
} from '$lib/ipc/bindings';
import { askable, type Checked } from '$lib/state/providers.svelte';

/** The name of an account, or a word for its place. */
export function labelOf(provider: ProviderView, account: AccountView): string {
  if (account.label !== '') return account.label;
  if (provider.accounts.length > 1 && account.identity !== null) return account.identity;
  return provider.accounts.length === 1 ? t.keys.one : t.keys.label(provider.accounts.indexOf(account) + 1);
}

/** What is known of a secret beside the keys; null where none was given. */
export function heldIn(provider: ProviderView, wanted: SecretSlot): KeyState | null {
  const name = (slot: SecretSlot) => (slot.kind === 'header' ? slot.name : null);
  const found = provider.secrets.find(({ slot }) => slot.kind === wanted.kind && name(slot) === name(wanted));
  return found && found.key.store !== 'none' ? found.key : null;
}

export type Share = { id: string; label: string; nano: number; percent: number };

/** What each account cost, in their order, with its part of the whole. What deleted ones cost has no row. */
export function sharesOf(provider: ProviderView, facts: ProviderFacts): Share[] {
  const whole = Math.max(1, facts.spend.totalNano);
  return provider.accounts.map((account) => {
    const nano = facts.accounts.find(({ accountId }) => accountId === account.id)?.spend.totalNano ?? 0;
    return {
      id: account.id,
      label: labelOf(provider, account),
      nano,
      percent: Math.min(100, Math.round((nano * 100) / whole)),
    };
  });
}

export type Summary = {
  kind: 'ok' | 'warn' | 'err';
  title: string;
  text: string;
  details: string | null;
  /** The category of the one failure, for tests and styles. */
  category: string | null;
};

const latest = (checks: Checked[]) => Math.max(...checks.map(({ at }) => at));

/** What the last checks of a provider say together; null where nothing was checked. */
export function summaryOf(
  provider: ProviderView,
  checks: Record<string, Checked>,
  keyUrl: string | null,
  form: KeyForm = 'token',
): Summary | null {
  const done = askable(provider).flatMap((account) => {
    const check = checks[account.id];
    return check ? [{ account, check }] : [];
  });
  const [first] = done;
  if (!first) return null;
  const tested = t.providers.testedAt(format.time(latest(done.map(({ check }) => check))));
  if (done.length === 1) return summaryOfOne(provider, first.check, keyUrl, tested);
  const good = done.filter(({ check }) => check.ok);
  const answered = good.map(({ account, check }) => ({
    who: labelOf(provider, account),
    duration: format.duration(check.durationMs),
  }));
  const title =
    good.length === done.length
      ? t.providers.allWork(done.length, t.credentials.of(form).nouns)
      : good.length > 0
        ? t.providers.someWork(good.length, done.length, t.credentials.of(form).nouns)
        : t.providers.noneWork(done.length, t.credentials.of(form).nouns);
  return {
    kind: good.length === done.length ? 'ok' : good.length > 0 ? 'warn' : 'err',
    title,
    text: good.length > 0 ? `${t.providers.whoAnswered(answered)} ${tested}` : tested,
    details: null,
    category: done.find(({ check }) => check.error)?.check.error?.category ?? null,
  };
}

function summaryOfOne(
  provider: ProviderView,
  check: Checked,
  keyUrl: string | null,
  tested: string,
): Summary {
  if (!check.error) {
    const words = t.special.checks[provider.dialect]?.answered ?? t.providers.answeredIn;
    const { durationMs, models, version } = check;
    const answered = words(format.duration(durationMs), models, format.count(models), version);
    return {
      kind: 'ok',
      title: t.providers.works,
      text: `${answered} ${tested}`,
      details: null,
      category: null,
    };
  }
  const { title, next } = t.failure.check(check.error, provider.name, keyUrl);
  return {
    kind: 'err',
    title,
    text: next,
    details: check.error.message || null,
    category: check.error.category,
  };
}
