import type { Backend } from '$lib/ipc/backend';
import type {
  CheckView,
  KeyInput,
  ModelView,
  ProviderInput,
  ProviderView,
  Target,
  VendorView,
} from '$lib/ipc/bindings';

/** The configured providers and the catalogue they come from. */
export class Providers {
  items = $state<ProviderView[]>([]);
  vendors = $state<VendorView[]>([]);
  /** The last check of each provider in this window. */
  checks = $state<Record<string, CheckView>>({});

  readonly #backend: Backend;
  #vendors: Promise<VendorView[]> | undefined;

  constructor(backend: Backend, items: ProviderView[]) {
    this.#backend = backend;
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

  byId(id: string): ProviderView | undefined {
    return this.items.find((provider) => provider.id === id);
  }

  /** Whether a message could be sent to it now. */
  usable(provider: ProviderView): boolean {
    return provider.enabled && (provider.keyNeed !== 'required' || provider.key.usable);
  }

  get ready(): ProviderView[] {
    return this.items.filter((provider) => this.usable(provider));
  }

  /** The model a new chat starts with: the one last used, else the first on offer. */
  firstTarget(last: Target | null): Target | null {
    const provider = last ? this.byId(last.providerId) : undefined;
    if (last && provider?.enabled) return last;
    for (const ready of this.ready) {
      const model = ready.defaultModel ?? ready.models[0]?.id;
      if (model) return { providerId: ready.id, model };
    }
    return null;
  }

  async save(input: ProviderInput): Promise<ProviderView> {
    return this.#put(await this.#backend.saveProvider(input));
  }

  async setKey(id: string, input: KeyInput): Promise<ProviderView> {
    delete this.checks[id];
    return this.#put(await this.#backend.setKey(id, input));
  }

  async remove(id: string): Promise<void> {
    await this.#backend.removeProvider(id);
    this.items = this.items.filter((provider) => provider.id !== id);
    delete this.checks[id];
  }

  async check(id: string): Promise<CheckView> {
    const result = await this.#backend.checkProvider(id);
    this.checks[id] = result;
    return result;
  }

  async fetchModels(id: string): Promise<ModelView[]> {
    const models = await this.#backend.listModels(id);
    const provider = this.byId(id);
    if (provider) provider.models = models;
    return models;
  }

  #put(provider: ProviderView): ProviderView {
    const at = this.items.findIndex((known) => known.id === provider.id);
    if (at >= 0) this.items[at] = provider;
    else this.items.push(provider);
    return provider;
  }
}

/** Whether there is an address to give or to take; what is built in cannot be added. */
export function connectable(vendor: VendorView): boolean {
  return vendor.needsBaseUrl || vendor.baseUrl !== null;
}
