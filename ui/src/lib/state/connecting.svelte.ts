import type { CheckView, KeyInput, LocalServerView, ProviderView, VendorView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { keysIn, mask, recognise } from '$lib/keys/recognise';
import type { KeyStores } from './keyStores.svelte';
import { valueOfVariable } from '$lib/keys/aws';
import { madeAddress, usualFor, usualValues } from '$lib/keys/made';
import { connectable, holds, type Providers } from './providers.svelte';

/** Something that was just connected, or is about to be. It holds no key. */
export type Row = {
  id: number;
  /** Null until the person has said which one it is. */
  vendor: VendorView | null;
  /** Who it may be of, where several fit. */
  candidates: VendorView[];
  /** What the person sees of the key just typed; empty for a server or a variable. */
  masked: string;
  variable: string | null;
  /** Where it is asked; empty takes the vendor's usual address. */
  baseUrl: string;
  /** The person was told that a key travels in clear to it, and wants it so. */
  inClear: boolean;
  phase: 'choose' | 'saving' | 'testing' | 'done' | 'unsaved';
  providerId: string | null;
  accountId: string | null;
  check: CheckView | null;
  trouble: BackendError | null;
};

type Made = { providerId: string; accountId: string; undo: () => Promise<unknown> };

/** A key is all it takes: whom a person signs in to, or who has to be told more, has a form. */
function quick({ keyForm, fields }: VendorView): boolean {
  const told = fields.every(({ required, usual }) => !required || usual !== null);
  return (keyForm === 'token' || keyForm === 'aws') && told;
}

/** Takes pasted keys, variables and local servers in, one row each. */
export class Connecting {
  rows = $state<Row[]>([]);

  readonly #providers: Providers;
  readonly #stores: KeyStores;
  /** Keys that are not kept yet, by row; no component ever sees them. */
  readonly #keys = new Map<number, string>();
  readonly #made = new Map<number, Made>();
  #last = 0;
  /** The row whose key is being kept now. */
  #saving: number | null = null;
  /** Saving goes one by one, so that two keys of a vendor do not make two providers. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(providers: Providers, stores: KeyStores) {
    this.#providers = providers;
    this.#stores = stores;
  }

  get vendors(): VendorView[] {
    return this.#providers.vendors.filter(
      (vendor) => connectable(vendor) && vendor.key !== 'none' && quick(vendor),
    );
  }

  /** How many keys were in the text. */
  paste(text: string): number {
    const found = keysIn(text, this.vendors);
    const known = new Set(this.#keys.values());
    for (const pasted of found) {
      if (known.has(pasted.key)) continue;
      const candidates = recognise(pasted, this.vendors);
      const row = this.#add({ masked: mask(pasted.key), candidates });
      this.#keys.set(row.id, pasted.key);
      const [only] = candidates;
      if (only && candidates.length === 1) this.choose(row.id, only);
    }
    return found.length;
  }

  /** Says whose key it is; from here on it goes there. The address is the person's where the vendor has none. */
  choose(id: number, vendor: VendorView, baseUrl = '', inClear = false): void {
    const row = this.#row(id);
    if (!row) return;
    Object.assign(row, { vendor, baseUrl, inClear });
    void this.#connect(id, vendor);
  }

  useVariable(vendor: VendorView, variable: string): void {
    const row = this.#add({ vendor, variable });
    void this.#connect(row.id, vendor);
  }

  useServer(server: LocalServerView, vendor: VendorView): void {
    const row = this.#add({ vendor, baseUrl: server.baseUrl });
    void this.#connect(row.id, vendor);
  }

  /** A provider that a form has just added: only the check is left. */
  follow(provider: ProviderView): void {
    const row = this.#add({ vendor: this.#providers.vendorOf(provider) ?? null });
    const known = this.#row(row.id);
    if (!known) return;
    known.providerId = provider.id;
    known.accountId = provider.accounts[0]?.id ?? null;
    void this.#test(row.id);
  }

  /** Saves again, or asks again where it is saved. */
  again(id: number): void {
    const row = this.#row(id);
    if (row?.phase === 'unsaved' && row.vendor) void this.#connect(id, row.vendor);
    else if (row?.phase === 'done') void this.#test(id);
  }

  /** Takes a row back: what it made goes with it. */
  async discard(id: number): Promise<void> {
    const waiting = this.#saving === id;
    const made = this.#made.get(id);
    this.#forget(id);
    if (waiting) await this.#stores.cancel();
    await made?.undo();
  }

  /** The person leaves: what is under way goes on, and every key that was typed and never kept is let go. */
  leave(): void {
    this.rows = this.rows.filter((row) => row.phase === 'saving' || row.phase === 'testing');
    const going = new Set(this.rows.map((row) => row.id));
    for (const id of this.#keys.keys()) if (!going.has(id)) this.#keys.delete(id);
  }

  #add(part: Partial<Row>): Row {
    const row: Row = {
      id: ++this.#last,
      vendor: null,
      candidates: [],
      masked: '',
      variable: null,
      baseUrl: '',
      inClear: false,
      phase: 'choose',
      providerId: null,
      accountId: null,
      check: null,
      trouble: null,
      ...part,
    };
    this.rows.push(row);
    return row;
  }

  #row(id: number): Row | undefined {
    return this.rows.find((row) => row.id === id);
  }

  #forget(id: number): void {
    this.#keys.delete(id);
    this.#made.delete(id);
    this.rows = this.rows.filter((row) => row.id !== id);
  }

  #connect(id: number, vendor: VendorView): Promise<void> {
    const row = this.#row(id);
    if (row) Object.assign(row, { phase: 'saving', trouble: null });
    const done = this.#line.then(() => this.#save(id, vendor));
    this.#line = done;
    return done.then((saved) => (saved ? this.#test(id) : undefined));
  }

  async #save(id: number, vendor: VendorView): Promise<boolean> {
    const row = this.#row(id);
    if (!row) return false;
    let made: Made | undefined;
    this.#saving = id;
    try {
      made = await this.#place(vendor, row.baseUrl, row.inClear);
      if (!(await this.#give(row, made.accountId, vendor)) || !this.#row(id)) {
        await made.undo();
        this.#called(id);
        return false;
      }
    } catch (thrown) {
      await made?.undo().catch(() => undefined);
      const now = this.#row(id);
      if (now) Object.assign(now, { phase: 'unsaved', trouble: asBackendError(thrown) });
      return false;
    } finally {
      this.#saving = null;
    }
    this.#keys.delete(id);
    this.#made.set(id, made);
    Object.assign(row, { providerId: made.providerId, accountId: made.accountId });
    return true;
  }

  /** The person called the saving off: the row stays with its key, so that it can be tried again. */
  #called(id: number): void {
    const row = this.#row(id);
    if (row) row.phase = 'unsaved';
  }

  /** Whether there is nothing to keep, or it is kept. */
  async #give(row: Row, accountId: string, { env, keyForm }: VendorView): Promise<boolean> {
    const send = (input: KeyInput) => this.#providers.setKey(accountId, input);
    if (row.variable !== null) {
      const held = keyForm === 'aws' ? valueOfVariable(row.variable) : null;
      await send(held === null ? { kind: 'env', name: row.variable } : { kind: 'session', key: held });
      return true;
    }
    const key = this.#keys.get(row.id);
    return key === undefined || (await this.#stores.keep(key, env, send)) !== null;
  }

  /** An account for the key: of a provider of this vendor that is there already, else of a new one. */
  async #place(vendor: VendorView, baseUrl: string, inClear: boolean): Promise<Made> {
    const providers = this.#providers;
    const usual = usualValues(vendor.fields);
    const address = baseUrl || madeAddress(usualFor(vendor.baseUrl ?? '', vendor.fields, usual), usual);
    const known = providers.items.find((item) => item.vendor === vendor.id && item.baseUrl === address);
    if (!known || vendor.category === 'local') {
      const made = await providers.save({
        id: null,
        vendor: vendor.id,
        name: '',
        baseUrl,
        enabled: true,
        defaultModel: null,
        inClear,
        fields: usual,
      });
      return {
        providerId: made.id,
        accountId: made.accounts[0]?.id ?? '',
        undo: () => providers.remove(made.id),
      };
    }
    const empty = known.accounts.find((account) => !holds(account));
    if (empty) {
      return {
        providerId: known.id,
        accountId: empty.id,
        undo: () => providers.setKey(empty.id, { kind: 'none' }),
      };
    }
    const before = new Set(known.accounts.map((account) => account.id));
    const grown = await providers.saveAccount({ id: null, providerId: known.id, label: '', enabled: true });
    const accountId = grown.accounts.find((account) => !before.has(account.id))?.id ?? '';
    return { providerId: known.id, accountId, undo: () => providers.removeAccount(accountId) };
  }

  async #test(id: number): Promise<void> {
    const row = this.#row(id);
    if (!row?.providerId) return;
    Object.assign(row, { phase: 'testing', check: null, trouble: null });
    const { providerId, accountId } = row;
    let check: CheckView | null = null;
    let trouble: BackendError | null = null;
    try {
      [check = null] = await this.#providers.check(providerId, accountId);
    } catch (thrown) {
      trouble = asBackendError(thrown);
    }
    const now = this.#row(id);
    if (now) Object.assign(now, { phase: 'done', check, trouble });
  }
}
