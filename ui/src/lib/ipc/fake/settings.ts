import type { Backend } from '../backend';
import type {
  CircuitView,
  BalanceView,
  CallMark,
  CatalogueView,
  HealthView,
  KeyState,
  ProviderView,
  SecretSlot,
} from '../bindings';
import { unknownCan } from '../unknownCan';
import { model, noKey } from './catalogue';
import { failure } from './checks';
import { zeroSpend } from './data';
import { refuse } from './refuse';
import type { FakeStores } from './stores';

export type SettingsPart = Pick<
  Backend,
  | 'addModel'
  | 'removeModel'
  | 'saveProviderSettings'
  | 'setProviderSecret'
  | 'providerFacts'
  | 'providerBalance'
  | 'catalogue'
  | 'refreshModelData'
>;

const copy = <T>(value: T): T => structuredClone(value);
const same = (one: SecretSlot, other: SecretSlot) => JSON.stringify(one) === JSON.stringify(other);
const MINUTE = 60_000;

/** Twenty calls, two of which failed; none where nobody was asked. */
function health(provider: ProviderView, at: number): HealthView {
  const [first] = provider.models;
  if (!first || !provider.ready || at > 2) return noHealth;
  const calls = Array.from({ length: at === 2 ? 7 : 20 }, (_, n): CallMark => {
    const bad = at === 0 && (n === 5 || n === 6);
    return {
      at: Date.now() - (21 - n) * 6 * MINUTE,
      outcome: bad ? 'failed' : 'complete',
      firstTokenMs: bad ? null : n === 9 || n === 10 ? 1190 + n * 5 : 620 + ((n * 173) % 340),
      category: bad ? 'overloaded' : null,
      model: first.id,
    };
  });
  return {
    calls,
    failed: at === 0 ? 2 : 0,
    firstTokenMedianMs: 780,
    firstTokenP95Ms: 1190,
    lastError:
      at === 0
        ? {
            failure: failure('overloaded', 529, 'overloaded_error', 'Overloaded'),
            at: Date.now() - 32 * MINUTE,
            model: first.id,
            account: null,
          }
        : null,
    probe: null,
  };
}

const spends = [18.2e9, 9.04e9, 0, 4.71e9];
/** A person’s work is free. */
const freely = (provider: ProviderView) => provider.dialect === 'human-relay';
const spentOf = (totalNano: number) => ({ ...zeroSpend, totalNano, entries: totalNano > 0 ? 20 : 0 });

const noHealth: HealthView = {
  calls: [],
  failed: 0,
  firstTokenMedianMs: null,
  firstTokenP95Ms: null,
  lastError: null,
  probe: null,
};

const planned = (amount: string | null, entitlement: string | null, unlimited = false): BalanceView => ({
  amount,
  currency: null,
  quota: { entitlement, unlimited, resetsAt: Date.UTC(2027, 0, 1, 12) },
});

/** What is left of plans, by `?quota=`. */
const quotas: Record<string, BalanceView> = {
  some: planned('212.5', '300'),
  little: planned('21', '300'),
  over: planned('-12', '1500'),
  used: planned('0', '50'),
  bare: planned('40', null),
  unlimited: planned(null, null, true),
};

/** What is set of providers and known of them, and the catalogue. */
export function fakeSettings(
  byId: (id: string) => ProviderView,
  env: string[],
  all: () => ProviderView[],
  query: URLSearchParams,
  stores: FakeStores,
  circuits: (providerId: string) => CircuitView[],
): SettingsPart {
  const accountsIn = (name: string) => (query.get(name) ?? '').split(',');
  const resting = accountsIn('rests');
  const rejected = accountsIn('rejected');
  const catalogue: CatalogueView = {
    vendors: 36,
    own: 1,
    models: 412,
    folder: '/home/person/.config/app.parlance/vendors',
    rejected: [{ file: 'harbor.toml', reason: 'unknown field `colour`, line 7' }],
    modelsDev: null,
  };
  return {
    async addModel(providerId, input) {
      const provider = byId(providerId);
      const id = input.id.trim();
      if (id === '') refuse('invalid', { field: 'id', cause: 'empty' });
      const known = provider.models.find((one) => one.id === id);
      const fresh = known ?? model(id, null, null, null, null);
      fresh.name = input.name ?? fresh.name;
      fresh.context = input.context ?? fresh.context;
      fresh.maxOutput = input.maxOutput ?? fresh.maxOutput;
      fresh.can = { ...unknownCan, ...input.can };
      fresh.origin = 'user';
      if (!known) provider.models.push(fresh);
      return copy(provider);
    },
    async removeModel(providerId, id) {
      const provider = byId(providerId);
      provider.models = provider.models.filter((one) => one.id !== id);
      return copy(provider);
    },
    async saveProviderSettings(id, settings) {
      const provider = byId(id);
      const names = settings.headers.map(({ name }) => name.toLowerCase());
      for (const [at, name] of names.entries()) {
        const field = `headers.${name}`;
        if (/^(authorization|x-api-key)$/.test(name)) refuse('invalid', { field, cause: 'locked' });
        if (names.indexOf(name) !== at) refuse('invalid', { field, cause: 'duplicate' });
      }
      if (settings.proxy.kind === 'address' && !/^(https?|socks5h):\/\/[^/]+$/.test(settings.proxy.url)) {
        refuse('invalid', { field: 'proxy.url', cause: 'not_a_proxy' });
      }
      if (settings.caPem !== '' && !settings.caPem.includes('BEGIN CERTIFICATE')) {
        refuse('invalid', { field: 'caPem', cause: 'not_certificates' });
      }
      if (settings.extras !== '') {
        try {
          JSON.parse(settings.extras);
        } catch {
          refuse('invalid', { field: 'extras', cause: 'not_json' });
        }
      }
      if ((settings.limits.concurrent ?? 1) > 1000) {
        refuse('invalid', { field: 'limits.concurrent', cause: 'out_of_range' });
      }
      provider.settings = copy(settings);
      const slots: SecretSlot[] = settings.headers
        .filter((header) => header.value === null)
        .map(({ name }) => ({ kind: 'header', name: name.toLowerCase() }));
      if (settings.proxy.kind === 'address' && settings.proxy.user !== null) slots.push({ kind: 'proxy' });
      provider.secrets = slots.map(
        (slot) => provider.secrets.find((secret) => same(secret.slot, slot)) ?? { slot, key: { ...noKey } },
      );
      return copy(provider);
    },
    async setProviderSecret(id, slot, input) {
      const provider = byId(id);
      if (input.kind === 'keyring') await stores.enterKeyring();
      if (input.kind === 'vault') stores.enterVault();
      const held = provider.secrets.find((secret) => same(secret.slot, slot));
      if (!held) return refuse('invalid', { field: 'slot', cause: 'unknown_slot' });
      const key: KeyState =
        input.kind === 'none'
          ? { ...noKey }
          : input.kind === 'env'
            ? {
                ...noKey,
                store: 'env',
                envName: input.name,
                status: env.includes(input.name) ? 'ready' : 'variableUnset',
              }
            : { ...noKey, store: input.kind, status: 'ready' };
      held.key = key;
      return copy(provider);
    },
    async providerFacts() {
      return all().map((provider, at) => ({
        providerId: provider.id,
        spend: freely(provider) ? { ...zeroSpend, entries: 3 } : spentOf(spends[at % 4] ?? 0),
        health: health(provider, at),
        accounts: provider.accounts.map((account, n) => ({
          accountId: account.id,
          spend: spentOf(
            provider.accounts.length === 1 ? (spends[at % 4] ?? 0) : ([14.02e9, 4.18e9][n] ?? 0),
          ),
          health: noHealth,
          restsUntil: resting.includes(account.id)
            ? Date.now() + 10 * MINUTE
            : rejected.includes(account.id)
              ? Date.now() + 24 * 60 * MINUTE
              : null,
          restsBecause: resting.includes(account.id)
            ? failure('rate_limited', 429, 'rate_limit_exceeded', 'Too many requests.')
            : rejected.includes(account.id)
              ? failure('rejected_key', 401, 'invalid_api_key', 'Incorrect API key provided.')
              : null,
        })),
        circuits: copy(circuits(provider.id)),
        running: 0,
        waiting: 0,
      }));
    },
    async providerBalance(_id, accountId) {
      if (rejected.includes(accountId)) refuse('provider', { category: 'rejected_key' });
      const provider = all().find(({ accounts }) => accounts.some(({ id }) => id === accountId));
      const plan = provider?.vendor === 'copilot' ? quotas[query.get('quota') ?? 'some'] : undefined;
      if (plan) return copy(plan);
      return { amount: '12.40', currency: 'USD', quota: null };
    },
    async catalogue() {
      return copy(catalogue);
    },
    async refreshModelData() {
      catalogue.modelsDev = { fetchedAt: Date.now(), models: 1204 };
      return copy(catalogue);
    },
  };
}
