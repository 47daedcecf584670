import type { Backend } from '$lib/ipc/backend';
import type { EnvName, KeyInput, KeyPlace, SecretStoresView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** Where a key shall be kept. */
export type Place = { kind: 'keyring' | 'vault' | 'session' } | { kind: 'env'; name: string };

/** Why the keyring is not simply used: it failed so, or the person wants another place. */
export type Why = 'unavailable' | 'locked' | 'not_kept' | 'chosen';

/** What is to be kept: a pasted key, a part of a credential, or a token that never comes to this window. */
export type Kept = 'key' | 'secret' | 'token';

/** What a dialog asks. Null or `false` answers are the person's way out. */
export type Question =
  | { kind: 'where'; what: Kept; why: Why; env: EnvName[] | null; answer: (place: Place | null) => void }
  | { kind: 'create' | 'unlock' | 'change' | 'reset'; answer: (done: boolean) => void };

/** A keyring that answers sooner does not wait on a person. */
const WAITS_MS = 500;

/** The places where keys are kept, and the questions that only a person can answer. */
export class KeyStores {
  view = $state<SecretStoresView | null>(null);
  /** The keyring waits on the person. */
  waiting = $state(false);
  question = $state.raw<Question | null>(null);

  readonly #backend: Backend;
  readonly #changed: () => void;
  /** Where the person wants further keys of this window, where it is not the keyring. */
  #preferred: 'vault' | 'session' | null = null;
  #calls = 0;
  #asking: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend, changed: () => void) {
    this.#backend = backend;
    this.#changed = changed;
  }

  get keyringName(): string {
    return this.view?.keyringName ?? '';
  }

  async load(): Promise<void> {
    this.view = await this.#backend.secretStores();
  }

  /**
   * Saves a key: in the keyring, or where the person says when that cannot be. `send` stores it under the input it is
   * given. Null where the person called it off; nothing was saved then. Without `env` it can be in no variable.
   */
  async keep<T>(
    key: string,
    env: EnvName[] | null,
    send: (input: KeyInput) => Promise<T>,
    ask = false,
  ): Promise<T | null> {
    const what = env === null ? 'secret' : 'key';
    let place: Place | null = ask
      ? await this.#where(what, 'chosen', env)
      : { kind: this.#preferred ?? 'keyring' };
    while (place !== null) {
      const to: Place = place;
      try {
        if (to.kind === 'vault' && !(await this.#openVault())) return null;
        return await this.#patiently(() => send(to.kind === 'env' ? to : { kind: to.kind, key }));
      } catch (thrown) {
        const error = asBackendError(thrown);
        if (error.code === 'cancelled_waiting') return null;
        const why = to.kind === 'keyring' ? keyringTrouble(error) : null;
        if (why) place = await this.#where(what, why, env);
        else if (to.kind === 'vault' && error.code === 'secret' && error.reason === 'locked')
          await this.load();
        else throw error;
      }
    }
    return null;
  }

  /**
   * Where a secret shall be kept that does not come through this window: in the keyring, or where the person says when
   * that cannot be. Null where the person called it off.
   */
  async place(ask = false): Promise<KeyPlace | null> {
    if (this.view === null) await this.load();
    const cannot = this.view?.keyring === 'unavailable' && this.#preferred === null;
    const why: Why | null = ask ? 'chosen' : cannot ? 'unavailable' : null;
    const place =
      why === null
        ? { kind: this.#preferred ?? ('keyring' as const) }
        : await this.#where('token', why, null);
    if (place === null || place.kind === 'env') return null;
    return place.kind === 'vault' && !(await this.#openVault()) ? null : place.kind;
  }

  /** Runs what may wait on the keyring, the vault opened first where that is meant. Null where the person called it off. */
  async through<T>(store: 'keyring' | 'vault' | 'session', call: () => Promise<T>): Promise<T | null> {
    if (store === 'vault' && !(await this.#openVault())) return null;
    try {
      return await this.#patiently(call);
    } catch (thrown) {
      const error = asBackendError(thrown);
      if (error.code === 'cancelled_waiting') return null;
      throw error;
    }
  }

  /** Ends the wait on the keyring; what waits is told. */
  async cancel(): Promise<void> {
    await this.#backend.cancelWaiting();
  }

  /** False where the person called it off. */
  async unlockKeyring(): Promise<boolean> {
    try {
      this.#put(await this.#patiently(() => this.#backend.unlockKeyring()));
      return true;
    } catch (thrown) {
      const error = asBackendError(thrown);
      if (error.code === 'cancelled_waiting') return false;
      throw error;
    }
  }

  createVault(): Promise<boolean> {
    return this.#ask((answer) => ({ kind: 'create', answer }));
  }

  unlockVault(): Promise<boolean> {
    return this.#ask((answer) => ({ kind: 'unlock', answer }));
  }

  changePassphrase(): Promise<boolean> {
    return this.#ask((answer) => ({ kind: 'change', answer }));
  }

  resetVault(): Promise<boolean> {
    return this.#ask((answer) => ({ kind: 'reset', answer }));
  }

  async lockVault(): Promise<void> {
    this.#put(await this.#backend.lockVault());
  }

  /** What the open dialog does with the passphrases; it stays open where this rejects. */
  async submit(kind: 'create' | 'unlock' | 'change' | 'reset', next: string, current: string): Promise<void> {
    const backend = this.#backend;
    const view = await {
      create: () => backend.createVault(next),
      unlock: () => backend.unlockVault(next),
      change: () => backend.changeVaultPassphrase(current, next),
      reset: () => backend.resetVault(),
    }[kind]();
    if (kind === 'reset' && this.#preferred === 'vault') this.#preferred = null;
    this.#put(view);
  }

  async #openVault(): Promise<boolean> {
    await this.load();
    const { vault } = this.view ?? {};
    if (vault === 'open') return true;
    const open = () => (this.view?.vault === 'open' ? true : undefined);
    return this.#ask<boolean>((answer) => ({ kind: vault === 'locked' ? 'unlock' : 'create', answer }), open);
  }

  async #where(what: Kept, why: Why, env: EnvName[] | null): Promise<Place | null> {
    // The question is understood without knowing more; what is known makes it plainer.
    if (this.view === null) await this.load().catch(() => undefined);
    // Another key may have been asked about meanwhile; its answer is good for this one.
    const known = () => (this.#preferred && why !== 'chosen' ? { kind: this.#preferred } : undefined);
    return this.#ask<Place | null>((answer) => {
      const take = (place: Place | null) => {
        if (place?.kind === 'keyring') this.#preferred = null;
        else if (place && place.kind !== 'env') this.#preferred = place.kind;
        answer(place);
      };
      return { kind: 'where', what, why, env, answer: take };
    }, known);
  }

  /** One question at a time: several keys pasted at once wait for one another's answers. */
  #ask<T>(question: (answer: (value: T) => void) => Question, known?: () => T | undefined): Promise<T> {
    const asked = this.#asking.then(() => {
      const already = known?.();
      if (already !== undefined) return already;
      return new Promise<T>((resolve) => {
        this.question = question((value) => {
          this.question = null;
          resolve(value);
        });
      });
    });
    this.#asking = asked;
    return asked;
  }

  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    const timer = setTimeout(() => (this.waiting = true), WAITS_MS);
    try {
      return await call();
    } finally {
      clearTimeout(timer);
      this.#calls -= 1;
      if (this.#calls === 0) this.waiting = false;
    }
  }

  #put(view: SecretStoresView): void {
    this.view = view;
    this.#changed();
  }
}

function keyringTrouble(error: BackendError): Why | null {
  if (error.code !== 'secret') return null;
  const { reason } = error;
  return reason === 'unavailable' || reason === 'locked' || reason === 'not_kept' ? reason : null;
}
