import type { Backend } from '$lib/ipc/backend';

/** Pictures kept for rows that come back into sight. */
const MOST = 24;

/** What a page may show of an attachment as a picture; anything else stays a name. */
export const SHOWN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Addresses of attached pictures, for as long as somebody shows them and a little longer. */
export class Pictures {
  readonly #kept = new Map<string, { address: Promise<string>; users: number }>();

  /** The address of a picture, and what lets go of it. */
  open(backend: Backend, id: string): { address: Promise<string>; close: () => void } {
    const known = this.#kept.get(id) ?? { address: this.#read(backend, id), users: 0 };
    this.#kept.delete(id);
    this.#kept.set(id, known);
    known.users += 1;
    let open = true;
    return {
      address: known.address,
      close: () => {
        if (open) known.users -= 1;
        open = false;
        this.#forget();
      },
    };
  }

  async #read(backend: Backend, id: string): Promise<string> {
    try {
      const { mediaType, base64 } = await backend.readAttachment(id);
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      return URL.createObjectURL(new Blob([bytes], { type: SHOWN.has(mediaType) ? mediaType : 'image/png' }));
    } catch (thrown) {
      // Asked again when it is shown again.
      this.#kept.delete(id);
      throw thrown;
    }
  }

  #forget(): void {
    for (const [id, { address, users }] of this.#kept) {
      if (this.#kept.size <= MOST) return;
      if (users > 0) continue;
      this.#kept.delete(id);
      void address.then((known) => URL.revokeObjectURL(known)).catch(() => undefined);
    }
  }
}

export const pictures = new Pictures();
