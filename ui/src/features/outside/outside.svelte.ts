import { t } from '$lib/i18n/en';
import type { Backend } from '$lib/ipc/backend';
import type { FileData, LinkView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import type { Outside } from '$lib/markdown/outside';
import type { Preferences } from '$lib/state/preferences.svelte';

/** What a person is asked about a link, or told of one that is not opened. */
export type Question =
  | { kind: 'ask'; link: LinkView; mayRemember: boolean }
  | { kind: 'refused'; address: string; error: BackendError };

/** Whether links of its host may be opened without a question from now on. */
export function mayRemember({ doubts, host }: LinkView): boolean {
  return doubts.length === 0 && host !== '';
}

/** A picture as an address that only this page knows. */
function held({ mediaType, base64 }: FileData): string {
  if (!mediaType.startsWith('image/')) throw new Error(t.outside.notAPicture);
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: mediaType }));
}

/** The ways out of the window: a link is shown as it really is before it opens, a picture is fetched by the app. */
export class WaysOut implements Outside {
  question = $state.raw<Question | null>(null);

  readonly #backend: Backend;
  readonly #preferences: () => Preferences | undefined;
  readonly #complain: (thrown: unknown) => void;
  /** The last link that was asked for; an earlier one that comes back late says nothing. */
  #asked = 0;

  constructor(
    backend: Backend,
    preferences: () => Preferences | undefined,
    complain: (thrown: unknown) => void,
  ) {
    this.#backend = backend;
    this.#preferences = preferences;
    this.#complain = complain;
  }

  openLink(address: string): void {
    void this.#look(address);
  }

  async loadImage(address: string): Promise<string> {
    const file = await this.#backend.fetchImage(address).catch((thrown: unknown) => {
      throw new Error(t.outside.imageFailed(asBackendError(thrown)), { cause: thrown });
    });
    return held(file);
  }

  /** The answer to the question. */
  async open(remember: boolean): Promise<void> {
    const { question } = this;
    if (question?.kind !== 'ask') return;
    this.question = null;
    const { link } = question;
    try {
      await this.#backend.openLink(link.address);
      if (remember && mayRemember(link)) await this.#remember(link.host);
    } catch (thrown) {
      this.#complain(thrown);
    }
  }

  close(): void {
    this.question = null;
  }

  async #look(address: string): Promise<void> {
    const mine = ++this.#asked;
    try {
      const link = await this.#backend.inspectLink(address);
      if (mine !== this.#asked) return;
      const known = this.#preferences()?.get('link-hosts') ?? [];
      if (mayRemember(link) && known.includes(link.host)) await this.#backend.openLink(link.address);
      else this.question = { kind: 'ask', link, mayRemember: mayRemember(link) };
    } catch (thrown) {
      if (mine === this.#asked) {
        this.question = { kind: 'refused', address, error: asBackendError(thrown) };
      }
    }
  }

  async #remember(host: string): Promise<void> {
    const preferences = this.#preferences();
    const known = preferences?.get('link-hosts') ?? [];
    if (!known.includes(host)) await preferences?.set('link-hosts', [host, ...known]);
  }
}
