import type { Backend } from '$lib/ipc/backend';
import type {
  AccountInput,
  AccountView,
  BalanceView,
  CheckView,
  KeyInput,
  LocalServerView,
  ModelInput,
  ModelView,
  ProviderInput,
  ProviderSettings,
  ProviderView,
  RouteTargetInput,
  SecretSlot,
  Target,
  VendorView,
} from '$lib/ipc/bindings';
import type { KeyStores } from './keyStores.svelte';
import { Facts } from './providerFacts.svelte';
import { ProviderPage } from './providerPage.svelte';
import { SignIn } from './signIn.svelte';

/** A check of one account, and when it was made. */
export type Checked = CheckView & { at: number };

/** The configured providers and the catalogue they come from. */
export class Providers {
  items = $state<ProviderView[]>([]);
  vendors = $state<VendorView[]>([]);
  /** The last check of each account in this window. */
  checks = $state<Record<string, Checked>>({});
  /** Local servers that answered; null until somebody looked. */
  servers = $state<LocalServerView[] | null>(null);
  readonly facts: Facts;

  readonly #backend: Backend;
  readonly #pages = new Map<string, ProviderPage>();
  #vendors: Promise<VendorView[]> | undefined;
  #changes = 0;

  constructor(backend: Backend, items: ProviderView[]) {
    this.#backend = backend;
    this.facts = new Facts(backend);
    this.items = items;
  }

  async loadVendors(): Promise<void> {
    this.#vendors ??= this.#backend.listVendors();
    try {
      this.vendors = await this.#vendors;
    } catch (thrown) {
      this.#vendors = undefined;
      throw thrown;
    }
  }

  /** Reads the vendors anew: files of the person have changed. */
  async reloadVendors(): Promise<void> {
    this.#vendors = undefined;
    await this.loadVendors();
  }

  /** Reads all again: what is known of a key changes with its use. */
  async refresh(): Promise<void> {
    let before: number;
    let items: ProviderView[];
    do {
      before = this.#changes;
      items = await this.#backend.listProviders();
      // A list from before a change would undo it on the screen.
    } while (before !== this.#changes);
    this.items = items;
  }

  async lookForServers(): Promise<void> {
    this.servers = await this.#backend.findLocalServers();
  }

  byId(id: string): ProviderView | undefined {
    return this.items.find((provider) => provider.id === id);
  }

  vendorOf(provider: ProviderView): VendorView | undefined {
    return this.vendors.find((vendor) => vendor.id === provider.vendor);
  }

  /** Whether a message could be sent to it now. */
  usable(provider: ProviderView): boolean {
    return provider.enabled && provider.ready;
  }

  get ready(): ProviderView[] {
    return this.items.filter((provider) => this.usable(provider));
  }

  /** Those that could be asked and whose last check, if there was one, did not say otherwise. */
  get working(): ProviderView[] {
    return this.ready.filter((provider) => {
      const done = askable(provider).flatMap((account) => this.checks[account.id] ?? []);
      return done.length === 0 || done.some((check) => check.ok);
    });
  }

  /** The first model on offer, of one that works before others. */
  get first(): Target | null {
    for (const ready of [...this.working, ...this.ready]) {
      const model = firstModel(ready);
      if (model) return { providerId: ready.id, model };
    }
    return null;
  }

  async save(input: ProviderInput): Promise<ProviderView> {
    const before = input.id === null ? undefined : this.byId(input.id);
    const provider = await this.#backend.saveProvider(input);
    // What another address said about a key says nothing about this one.
    if (before && before.baseUrl !== provider.baseUrl) this.#forget(provider.accounts);
    return this.#put(provider);
  }

  async setKey(accountId: string, input: KeyInput): Promise<ProviderView> {
    delete this.checks[accountId];
    return this.#put(await this.#backend.setKey(accountId, input));
  }

  /** Lets a model that rests be asked again with every key that a route may ask it with. */
  async wake({ target, accountId }: Pick<RouteTargetInput, 'target' | 'accountId'>): Promise<void> {
    const accounts = this.byId(target.providerId)?.accounts ?? [];
    const its = accountId === null ? accounts.map(({ id }) => id) : [accountId];
    await Promise.all(its.map((id) => this.#backend.closeCircuit(id, target.model)));
    await this.facts.read();
  }

  /** Lets a model that rests be asked again. */
  async closeCircuit(accountId: string, model: string): Promise<void> {
    await this.#backend.closeCircuit(accountId, model);
    await this.facts.read();
  }

  /** A sign-in for an account, which begins when the person says so. `doubt` shows an address before it is opened. */
  signIn(accountId: string, stores: KeyStores, doubt: (address: string) => void): SignIn {
    return new SignIn(accountId, {
      backend: this.#backend,
      place: (other) => stores.place(other),
      doubt,
      signedIn: (provider) => {
        delete this.checks[accountId];
        this.#put(provider);
      },
    });
  }

  async allowKey(accountId: string, origin: string): Promise<ProviderView> {
    return this.#put(await this.#backend.allowKey(accountId, origin));
  }

  async saveAccount(input: AccountInput): Promise<ProviderView> {
    return this.#put(await this.#backend.saveAccount(input));
  }

  async removeAccount(id: string): Promise<ProviderView> {
    delete this.checks[id];
    return this.#put(await this.#backend.removeAccount(id));
  }

  async orderAccounts(providerId: string, ids: string[]): Promise<ProviderView> {
    return this.#put(await this.#backend.orderAccounts(providerId, ids));
  }

  async order(ids: string[]): Promise<void> {
    this.items = await this.#backend.orderProviders(ids);
    this.#changes += 1;
  }

  async remove(id: string): Promise<void> {
    await this.#backend.removeProvider(id);
    this.#pages.delete(id);
    this.#forget(this.byId(id)?.accounts ?? []);
    this.items = this.items.filter((provider) => provider.id !== id);
    this.#changes += 1;
  }

  /** Asks with one account for free, or with each that is used where none is named. */
  async check(id: string, accountId: string | null = null): Promise<Checked[]> {
    const provider = this.byId(id);
    if (!provider) return [];
    const asked =
      accountId === null ? askable(provider) : provider.accounts.filter(({ id: its }) => its === accountId);
    const results = await Promise.all(
      asked.map(async (account) => {
        const result = { ...(await this.#backend.checkProvider(id, account.id)), at: Date.now() };
        this.checks[account.id] = result;
        return result;
      }),
    );
    if (results.some((result) => result.ok && result.models > 0) && provider.models.length === 0) {
      await this.fetchModels(id);
    }
    await this.refresh();
    this.facts.changed();
    return results;
  }

  async fetchModels(id: string): Promise<ModelView[]> {
    const models = await this.#backend.listModels(id);
    const provider = this.byId(id);
    if (provider) {
      provider.models = models;
      provider.modelsFetchedAt = Date.now();
    }
    return models;
  }

  async showModels(id: string, models: string[], shown: boolean): Promise<void> {
    this.#put(await this.#backend.showModels(id, models, shown));
  }

  async addModel(id: string, model: ModelInput): Promise<ProviderView> {
    return this.#put(await this.#backend.addModel(id, model));
  }

  async removeModel(id: string, model: string): Promise<ProviderView> {
    return this.#put(await this.#backend.removeModel(id, model));
  }

  async saveSettings(id: string, settings: ProviderSettings): Promise<ProviderView> {
    return this.#put(await this.#backend.saveProviderSettings(id, settings));
  }

  async setSecret(id: string, slot: SecretSlot, input: KeyInput): Promise<ProviderView> {
    return this.#put(await this.#backend.setProviderSecret(id, slot, input));
  }

  balance(id: string, accountId: string): Promise<BalanceView> {
    return this.#backend.providerBalance(id, accountId);
  }

  /** What was typed into the page of a provider and is not kept yet lives as long as the window. */
  pageOf(provider: ProviderView): ProviderPage {
    const known = this.#pages.get(provider.id);
    if (known) return known;
    const page = new ProviderPage(this, provider);
    this.#pages.set(provider.id, page);
    return page;
  }

  async favour(target: Target, favourite: boolean): Promise<void> {
    this.#put(await this.#backend.favourModel(target, favourite));
  }

  #put(provider: ProviderView): ProviderView {
    this.#changes += 1;
    const at = this.items.findIndex((known) => known.id === provider.id);
    if (at >= 0) this.items[at] = provider;
    else this.items.push(provider);
    return provider;
  }

  #forget(accounts: AccountView[]): void {
    for (const { id } of accounts) delete this.checks[id];
  }
}

/** Whether an account has what opens the door: a secret that is kept, or where to look for one at each use. */
export function holds({ key }: AccountView): boolean {
  return key.store !== 'none' || key.status === 'ready';
}

/** Wires that are no address: a program on this computer, a person. */
const WITHOUT_ADDRESS = new Set(['claude-code', 'human-relay']);

/** A person carries its prompts. */
export const isCarried = ({ dialect }: { dialect: string }): boolean => dialect === 'human-relay';

/** Whether it is asked over an address. */
export const hasAddress = ({ dialect }: { dialect: string }): boolean => !WITHOUT_ADDRESS.has(dialect);

/** The accounts a check of the whole provider asks with: those that are used and hold something, else the first. */
export function askable(provider: ProviderView): AccountView[] {
  const used = provider.accounts.filter((account) => account.enabled && holds(account));
  return used.length > 0 ? used : provider.accounts.slice(0, 1);
}

/** The model of a provider that is offered first. */
export function firstModel(provider: ProviderView): string | null {
  return (
    provider.defaultModel ??
    provider.models.find((model) => model.shown)?.id ??
    provider.models[0]?.id ??
    null
  );
}

/** Whether there is an address to give or to take, or none is needed; what is built in cannot be added. */
export function connectable(vendor: VendorView): boolean {
  return vendor.needsBaseUrl || vendor.baseUrl !== null || !hasAddress(vendor);
}
