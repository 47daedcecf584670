import type {
  AccountView,
  KeyState,
  LocalServerView,
  ProviderView,
  VendorView,
  ModelFacts,
} from '../bindings';
import type { Backend } from '../backend';
import { fetched, noKey, noSettings, vendors as someVendors } from './catalogue';
import { checkOf } from './checks';
import { fresh } from './data';
import { failure } from './checks';
import { refuse } from './refuse';
import { fakeSettings, type SettingsPart } from './settings';
import { specialVendors } from './special';
import { identityIn } from './credentials';
import { moreVendors } from './vendors';
import { hasAddress } from '$lib/state/providers.svelte';
import { madeAddress, usualFor } from '$lib/keys/made';
import type { Folder } from './folder';
import type { FakeStores } from './stores';

type Part = Pick<
  Backend,
  | 'listVendors'
  | 'listProviders'
  | 'saveProvider'
  | 'removeProvider'
  | 'orderProviders'
  | 'saveAccount'
  | 'removeAccount'
  | 'orderAccounts'
  | 'setKey'
  | 'cancelWaiting'
  | 'allowKey'
  | 'checkProvider'
  | 'listModels'
  | 'showModels'
  | keyof SettingsPart
  | 'favourModel'
  | 'modelFacts'
  | 'findLocalServers'
  | 'secretStores'
  | 'unlockKeyring'
  | 'createVault'
  | 'unlockVault'
  | 'lockVault'
  | 'changeVaultPassphrase'
  | 'resetVault'
>;

type Holder = Pick<Folder, 'providers' | 'circuits'>;

const copy = <T>(value: T): T => structuredClone(value);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** scheme://host:port, with the port always there. */
export function originOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

/** Plain HTTP to somewhere else than this computer or its network. */
const inClear = (url: string) =>
  url.startsWith('http:') && !/^http:\/\/(localhost|127\.|10\.|192\.168\.)/.test(url);

const usable = (provider: ProviderView, account: AccountView) =>
  account.enabled &&
  (account.key.status === 'ready' || (account.key.status === 'none' && provider.keyNeed !== 'required'));

/** Whether one of its keys could be used, as the core says it after each change. */
function settle(provider: ProviderView): ProviderView {
  const origin = provider.baseUrl === '' ? '' : originOf(provider.baseUrl);
  for (const { key } of provider.accounts) {
    if (key.status === 'ready' && key.origin !== null && key.origin !== origin) key.status = 'otherAddress';
    else if (key.status === 'otherAddress' && key.origin === origin) key.status = 'ready';
  }
  provider.ready = provider.accounts.some((account) => usable(provider, account));
  return provider;
}

/** Providers, accounts and keys of the fake. The words of a key stay here, as in the core. */
export function fakeRegistry(
  query: URLSearchParams,
  holder: () => Holder,
  pace: number,
  stores: FakeStores,
): Part {
  const env = (query.get('env') ?? 'MISTRAL_API_KEY,GROQ_API_KEY').split(',').filter(Boolean);
  const running = (query.get('servers') ?? 'ollama').split(',').filter(Boolean);
  const wanted = query.get('vendors') ?? query.get('scene');
  const vendors = [
    ...someVendors(env),
    ...(wanted === 'all' ? moreVendors() : []),
    ...(wanted === 'special' ? specialVendors(env) : []),
  ];
  const secrets = new Map<string, string>();

  const byId = (id: string) =>
    holder().providers.find((provider) => provider.id === id) ?? refuse('not_found');
  const ofAccount = (id: string): { provider: ProviderView; account: AccountView } => {
    for (const provider of holder().providers) {
      const account = provider.accounts.find((known) => known.id === id);
      if (account) return { provider, account };
    }
    return refuse('not_found');
  };
  const usualOf = (id: string | null) => (id === null ? {} : byId(id).settings.fields);
  const vendorOf = (id: string): VendorView =>
    vendors.find((known) => known.id === id) ??
    refuse('invalid', { field: 'vendor', cause: 'unknown_vendor' });

  const keep = (account: AccountView, provider: ProviderView, store: string, key: string) => {
    if (key === '') refuse('invalid', { field: 'key', cause: 'empty' });
    if (!/^[!-~]+$/.test(key)) refuse('invalid', { field: 'key', cause: 'not_ascii' });
    secrets.set(account.id, key);
    account.key = {
      ...noKey,
      store,
      status: 'ready',
      endsWith: key.length >= 16 ? key.slice(-4) : null,
      origin: originOf(provider.baseUrl),
    } satisfies KeyState;
  };

  /** A vault that opens or shuts changes what is known of its keys. */
  const vaultChanged = () => {
    for (const provider of holder().providers) {
      for (const { key } of provider.accounts) {
        if (key.store !== 'vault') continue;
        if (stores.vault === 'none') key.status = 'unavailable';
        else if (stores.vault === 'locked' && key.status === 'ready') key.status = 'locked';
        else if (stores.vault === 'open' && key.status === 'locked') key.status = 'ready';
      }
      settle(provider);
    }
    return stores.view();
  };

  return {
    async listVendors() {
      return copy(vendors);
    },
    async listProviders() {
      return copy(holder().providers);
    },
    async saveProvider(input) {
      const vendor = vendorOf(input.vendor);
      const fields = { ...usualOf(input.id), ...input.fields };
      for (const { id, required } of vendor.fields) {
        if (required && input.id === null && !fields[id] && vendor.baseUrl?.includes(`{${id}}`)) {
          refuse('invalid', { field: `fields.${id}`, cause: 'empty' });
        }
      }
      const made = madeAddress(usualFor(vendor.baseUrl ?? '', vendor.fields, fields), fields);
      const baseUrl = input.baseUrl || made || '';
      if (!hasAddress(vendor)) {
        // Nothing is asked over an address.
      } else if (!baseUrl || !URL.canParse(baseUrl) || !/^https?:/.test(baseUrl)) {
        refuse('invalid', { field: 'baseUrl', message: 'baseUrl: not_a_url', cause: 'not_a_url' });
      }
      const known = holder().providers.find((provider) => provider.id === input.id);
      const agreed = known?.inClear && originOf(known.baseUrl) === originOf(baseUrl);
      if (inClear(baseUrl) && !input.inClear && !agreed) {
        refuse('invalid', { field: 'baseUrl', cause: 'in_clear' });
      }
      const name = input.name || vendor.name;
      if (known) {
        const { enabled, defaultModel } = input;
        Object.assign(known, { name, baseUrl, enabled, defaultModel, inClear: inClear(baseUrl) });
        return copy(settle(known));
      }
      const { category, mark, dialect } = vendor;
      const provider: ProviderView = {
        id: fresh('p'),
        vendor: vendor.id,
        name,
        category,
        mark,
        dialect,
        baseUrl,
        enabled: input.enabled,
        accounts: [{ id: fresh('a'), label: '', enabled: true, key: { ...noKey }, identity: null }],
        ready: false,
        keyNeed: vendor.key,
        defaultModel: null,
        models: [],
        modelsFetchedAt: null,
        settings: { ...noSettings(), fields: input.fields },
        secrets: [],
        inClear: inClear(baseUrl),
      };
      holder().providers.push(provider);
      return copy(settle(provider));
    },
    async removeProvider(id) {
      const kept = holder();
      kept.providers = kept.providers.filter((provider) => provider.id !== id);
    },
    async orderProviders(ids) {
      const kept = holder();
      if (ids.length !== kept.providers.length) refuse('invalid', { field: 'ids' });
      kept.providers = ids.map(byId);
      return copy(kept.providers);
    },
    async saveAccount({ id, providerId, label, enabled }) {
      if (label.length > 60) refuse('invalid', { field: 'label', cause: 'too_long' });
      const provider = byId(providerId);
      if (id === null)
        provider.accounts.push({ id: fresh('a'), label, enabled, key: { ...noKey }, identity: null });
      else Object.assign(ofAccount(id).account, { label, enabled });
      return copy(settle(provider));
    },
    async removeAccount(id) {
      const { provider } = ofAccount(id);
      if (provider.accounts.length === 1) refuse('invalid', { field: 'id', cause: 'last' });
      provider.accounts = provider.accounts.filter((account) => account.id !== id);
      return copy(settle(provider));
    },
    async orderAccounts(providerId, ids) {
      const provider = byId(providerId);
      provider.accounts = ids.map((id) => ofAccount(id).account);
      return copy(provider);
    },
    async setKey(accountId, input) {
      const { provider, account } = ofAccount(accountId);
      if (input.kind === 'keyring') await stores.enterKeyring();
      if (input.kind === 'vault') stores.enterVault();
      const { keyForm } = vendorOf(provider.vendor);
      const read = 'key' in input ? identityIn(keyForm, input.key) : null;
      account.identity = read?.identity ?? null;
      if (read?.alone) account.key = { ...noKey, status: 'ready' };
      else if (input.kind === 'none') account.key = { ...noKey };
      else if (input.kind === 'env') {
        if (!/^\w+$/.test(input.name)) refuse('invalid', { field: 'key', cause: 'not_a_variable' });
        const status = env.includes(input.name) ? 'ready' : 'variableUnset';
        account.key = {
          ...noKey,
          store: 'env',
          status,
          envName: input.name,
          origin: originOf(provider.baseUrl),
        };
      } else keep(account, provider, input.kind, read?.secret ?? input.key);
      return copy(settle(provider));
    },
    async cancelWaiting() {
      stores.cancel();
    },
    async allowKey(accountId, origin) {
      const { provider, account } = ofAccount(accountId);
      if (origin !== originOf(provider.baseUrl)) refuse('invalid', { field: 'origin', cause: 'changed' });
      account.key.origin = origin;
      return copy(settle(provider));
    },
    async checkProvider(id, accountId) {
      const provider = byId(id);
      const account = provider.accounts.find((known) => known.id === accountId) ?? provider.accounts[0];
      await pause(pace * 10);
      if (!account) return refuse('not_found');
      return checkOf(provider, account, secrets.get(account.id) ?? '', fetched(provider).length);
    },
    async listModels(providerId) {
      const provider = byId(providerId);
      await pause(pace * 10);
      provider.models = copy(fetched(provider));
      provider.modelsFetchedAt = Date.now();
      return copy(provider.models);
    },
    async showModels(providerId, names, shown) {
      const provider = byId(providerId);
      for (const model of provider.models) if (names.includes(model.id)) model.shown = shown;
      return copy(provider);
    },
    ...fakeSettings(
      byId,
      env,
      () => holder().providers,
      query,
      stores,
      (id) => holder().circuits[id] ?? [],
    ),
    async favourModel({ providerId, model: name }, favourite) {
      const provider = byId(providerId);
      const model = provider.models.find((known) => known.id === name) ?? refuse('not_found');
      model.favourite = favourite;
      return copy(provider);
    },
    async modelFacts() {
      return holder()
        .providers.flatMap((provider) =>
          provider.models.slice(0, 2).map((model, at) => ({ provider, model, at })),
        )
        .map(({ provider, model, at }): ModelFacts => ({
          providerId: provider.id,
          model: model.id,
          firstTokenMs: 420 + at * 500,
          firstTokenP95Ms: 610 + at * 900,
          tokensPerSecond: 58 + at * 40,
          calls: 20,
          failed: at * 3,
          last: at === 1 ? 'failed' : 'complete',
          lastError: at === 1 ? failure('overloaded', 529, 'overloaded', 'Overloaded.') : null,
          lastAt: Date.now() - 60_000,
        }));
    },
    async findLocalServers() {
      await pause(pace * 4);
      const found = vendors.filter((vendor) => running.includes(vendor.id));
      return found.map(({ id, baseUrl }): LocalServerView => ({
        vendor: id,
        baseUrl: baseUrl ?? '',
        models: ['qwen3:14b', 'gemma3:12b', 'llama3.3:70b', 'phi4:14b'],
        added: holder().providers.some((provider) => provider.baseUrl === baseUrl),
      }));
    },
    async secretStores() {
      return stores.view();
    },
    async unlockKeyring() {
      await stores.enterKeyring();
      return stores.view();
    },
    async createVault(passphrase) {
      stores.create(passphrase);
      return vaultChanged();
    },
    async unlockVault(passphrase) {
      stores.unlock(passphrase);
      return vaultChanged();
    },
    async lockVault() {
      stores.lock();
      return vaultChanged();
    },
    async changeVaultPassphrase(current, next) {
      stores.change(current, next);
      return vaultChanged();
    },
    async resetVault() {
      stores.reset();
      return vaultChanged();
    },
  };
}
