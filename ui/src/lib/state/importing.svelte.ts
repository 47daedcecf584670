import type { Backend } from '$lib/ipc/backend';
import type { ImportView } from '$lib/ipc/bindings';
import { asBackendError, BackendError } from '$lib/ipc/errors';
import type { KeyStores } from './keyStores.svelte';

export type ImportStore = 'keyring' | 'vault' | 'session';

/** A sealed file is longer than what is in it; the core says exactly what is too long. */
const LARGEST_FILE = 8 * 1024 * 1024;

function unread(cause: string): BackendError {
  return new BackendError({
    code: 'invalid',
    category: null,
    message: cause,
    field: 'text',
    status: null,
    cause,
  });
}

/** A configuration on its way in: read, shown, and only then taken over. */
export class Importing {
  stage = $state<'choose' | 'passphrase' | 'preview' | 'done'>('choose');
  /** The name of the file; null where its text was pasted. */
  name = $state<string | null>(null);
  view = $state.raw<ImportView | null>(null);
  error = $state.raw<BackendError | null>(null);
  wrongPassphrase = $state(false);
  busy = $state(false);
  store = $state<ImportStore>('keyring');

  readonly #backend: Backend;
  readonly #stores: KeyStores;
  readonly #imported: () => Promise<void>;
  /** May hold keys: no component sees it again. */
  #text = '';
  #passphrase: string | null = null;

  constructor(backend: Backend, stores: KeyStores, imported: () => Promise<void>) {
    this.#backend = backend;
    this.#stores = stores;
    this.#imported = imported;
  }

  /** How many keys the file brings. */
  get keys(): number {
    return this.view?.providers.reduce((sum, { keys }) => sum + keys, 0) ?? 0;
  }

  async readFile(file: File): Promise<void> {
    if (this.busy) return;
    if (file.size > LARGEST_FILE) {
      this.error = unread('too_long');
      return;
    }
    let text: string;
    try {
      text = await file.text();
    } catch {
      this.error = unread('unreadable_file');
      return;
    }
    await this.read(text, file.name);
  }

  async read(text: string, name: string | null): Promise<void> {
    this.#text = text;
    this.#passphrase = null;
    this.name = name;
    await this.#preview();
  }

  async unlock(passphrase: string): Promise<void> {
    this.#passphrase = passphrase;
    await this.#preview();
  }

  /** Takes over what was shown. */
  async take(): Promise<void> {
    if (this.stage !== 'preview') return;
    await this.#try(async () => {
      // Without keys there is nothing to open a store for.
      const store = this.keys > 0 ? this.store : 'session';
      const view = await this.#stores.through(store, () => this.#backend.importConfig(this.#input(store)));
      if (!view) return;
      this.view = view;
      this.stage = 'done';
      this.forget();
      await this.#imported();
    });
  }

  /** Another file. */
  back(): void {
    this.stage = 'choose';
    this.view = null;
    this.error = null;
    this.wrongPassphrase = false;
    this.forget();
  }

  /** Lets go of what may hold keys. */
  forget(): void {
    this.#text = '';
    this.#passphrase = null;
  }

  #input(store: ImportStore) {
    return { text: this.#text, passphrase: this.#passphrase, store };
  }

  async #preview(): Promise<void> {
    await this.#try(async () => {
      this.wrongPassphrase = false;
      try {
        this.view = await this.#backend.previewImport(this.#input(this.store));
        this.stage = 'preview';
      } catch (thrown) {
        const asked = aboutPassphrase(asBackendError(thrown));
        if (asked === null) throw thrown;
        this.wrongPassphrase = asked === 'wrong';
        this.stage = 'passphrase';
      }
    });
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      this.error = asBackendError(thrown);
    } finally {
      this.busy = false;
    }
  }
}

/** Whether a passphrase is asked for, for the first time or again. */
function aboutPassphrase(error: BackendError): 'needed' | 'wrong' | null {
  if (error.code === 'secret' && error.reason === 'wrong_passphrase') return 'wrong';
  if (error.code !== 'invalid' || error.field !== 'passphrase') return null;
  return error.reason === 'wrong' ? 'wrong' : 'needed';
}
