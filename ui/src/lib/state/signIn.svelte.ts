import type { Backend } from '$lib/ipc/backend';
import type { KeyPlace, ProviderView, SignInView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** What a sign-in needs of the window around it. */
export type SignInWays = {
  backend: Pick<Backend, 'beginSignIn' | 'awaitSignIn' | 'cancelSignIn' | 'inspectLink' | 'openLink'>;
  /** Where the token shall be kept; null where the person called that off. `other` asks in any case. */
  place: (other: boolean) => Promise<KeyPlace | null>;
  /** Shows an address that gives doubts before it is opened. */
  doubt: (address: string) => void;
  /** The account has its token. */
  signedIn: (provider: ProviderView) => void;
};

export type Phase =
  /** Nothing is asked before the person says so. */
  | { kind: 'before' }
  | { kind: 'beginning' }
  | { kind: 'waiting'; code: SignInView }
  | { kind: 'signedIn'; provider: ProviderView }
  | { kind: 'denied' | 'expired' | 'cancelled' }
  | { kind: 'failed'; error: BackendError };

/** One person signing in at a vendor's page for one account. */
export class SignIn {
  phase = $state.raw<Phase>({ kind: 'before' });
  /** Why the page could not be opened. */
  unopened = $state.raw<BackendError | null>(null);
  readonly #accountId: string;
  readonly #ways: SignInWays;
  /** Rises with each beginning and with the end: what comes late from an older one says nothing. */
  #era = 0;

  constructor(accountId: string, ways: SignInWays) {
    this.#accountId = accountId;
    this.#ways = ways;
  }

  /** Asks for a code and waits for the person; after an end, once more. */
  async begin(elsewhere = false): Promise<void> {
    const before = this.phase;
    if (before.kind === 'beginning' || before.kind === 'waiting' || before.kind === 'signedIn') return;
    const era = ++this.#era;
    this.phase = { kind: 'beginning' };
    this.unopened = null;
    try {
      const place = await this.#ways.place(elsewhere);
      if (era !== this.#era) return;
      if (place === null) {
        this.phase = before;
        return;
      }
      const code = await this.#ways.backend.beginSignIn(this.#accountId, place);
      if (era !== this.#era) return void this.#cancel(code.id);
      this.phase = { kind: 'waiting', code };
      const end = await this.#ways.backend.awaitSignIn(code.id);
      // The token is kept, whether or not somebody still looks.
      if (end.kind === 'signedIn') this.#ways.signedIn(end.provider);
      if (era === this.#era) this.phase = end;
    } catch (thrown) {
      if (era === this.#era) this.phase = { kind: 'failed', error: asBackendError(thrown) };
    }
  }

  /** Opens the vendor's page, because the person wants it. */
  async open(): Promise<void> {
    const { phase } = this;
    if (phase.kind !== 'waiting') return;
    const { page } = phase.code;
    this.unopened = null;
    try {
      const link = await this.#ways.backend.inspectLink(page);
      if (link.doubts.length > 0) this.#ways.doubt(page);
      else await this.#ways.backend.openLink(link.address);
    } catch (thrown) {
      this.unopened = asBackendError(thrown);
    }
  }

  /** The person leaves. */
  leave(): void {
    const { phase } = this;
    this.#era += 1;
    if (phase.kind === 'waiting') this.#cancel(phase.code.id);
  }

  #cancel(id: string): void {
    // Where the core is gone, so is the sign-in.
    this.#ways.backend.cancelSignIn(id).catch(() => undefined);
  }
}
