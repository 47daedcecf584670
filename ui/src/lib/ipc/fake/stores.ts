import type { KeyringState, SecretStoresView, VaultState } from '../bindings';
import { refuse } from './refuse';

const SHORTEST = 8;
/** What opens a vault that was there before. */
const PASSPHRASE = 'open sesame';

/**
 * The keyring and the vault. `?keyring=` is available, locked, unavailable, waits (its prompt does not return until
 * the wait is cancelled), dismissed (the prompt is sent away) or forgets; `?vault=` is none, locked or open.
 */
export class FakeStores {
  keyring: KeyringState;
  vault: VaultState;
  readonly #manner: string;
  #passphrase = PASSPHRASE;
  #waiting = new Set<() => void>();

  constructor(query: URLSearchParams) {
    this.#manner = query.get('keyring') ?? 'available';
    const states: Record<string, KeyringState> = {
      unavailable: 'unavailable',
      available: 'available',
      forgets: 'available',
    };
    this.keyring = states[this.#manner] ?? 'locked';
    this.vault = (query.get('vault') ?? 'none') as VaultState;
  }

  view(): SecretStoresView {
    return { keyring: this.keyring, keyringName: 'GNOME Keyring', vault: this.vault };
  }

  /** What stands before every use of the keyring. */
  async enterKeyring(): Promise<void> {
    if (this.#manner === 'unavailable') refuse('secret', { cause: 'unavailable' });
    if (this.#manner === 'forgets') refuse('secret', { cause: 'not_kept' });
    if (this.#manner === 'dismissed') refuse('secret', { cause: 'locked' });
    if (this.#manner === 'waits') {
      await new Promise<void>((_, fail) => {
        const end = () => {
          this.#waiting.delete(end);
          fail(cancelled());
        };
        this.#waiting.add(end);
      });
    }
    this.keyring = 'available';
  }

  cancel(): void {
    for (const end of [...this.#waiting]) end();
  }

  enterVault(): void {
    if (this.vault === 'none') refuse('secret', { cause: 'not_found' });
    if (this.vault === 'locked') refuse('secret', { cause: 'locked' });
  }

  create(passphrase: string): void {
    if (this.vault !== 'none') refuse('secret', { cause: 'already_there' });
    this.#set(passphrase);
  }

  unlock(passphrase: string): void {
    if (this.vault === 'none') refuse('secret', { cause: 'not_found' });
    if (passphrase !== this.#passphrase) refuse('secret', { cause: 'wrong_passphrase' });
    this.vault = 'open';
  }

  lock(): void {
    if (this.vault === 'open') this.vault = 'locked';
  }

  change(current: string, next: string): void {
    if (current !== this.#passphrase) refuse('secret', { cause: 'wrong_passphrase' });
    this.#set(next);
  }

  reset(): void {
    this.vault = 'none';
  }

  #set(passphrase: string): void {
    if (passphrase.length < SHORTEST) refuse('invalid', { field: 'passphrase', cause: 'too_short' });
    this.#passphrase = passphrase;
    this.vault = 'open';
  }
}

function cancelled(): unknown {
  try {
    return refuse('cancelled_waiting');
  } catch (thrown) {
    return thrown;
  }
}
