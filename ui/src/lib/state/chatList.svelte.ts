import type { Backend } from '$lib/ipc/backend';
import type { ConversationPage, ConversationSummary } from '$lib/ipc/bindings';

/** The chat list, page by page, newest first. */
export class ChatList {
  items = $state<ConversationSummary[]>([]);
  next = $state<number | null>(null);
  loading = $state(false);

  readonly #backend: Backend;

  constructor(backend: Backend, first: ConversationPage) {
    this.#backend = backend;
    this.items = first.items;
    this.next = first.next;
  }

  async more(): Promise<void> {
    if (this.next === null || this.loading) return;
    this.loading = true;
    try {
      const page = await this.#backend.listConversations('list', this.next);
      const known = new Set(this.items.map((row) => row.id));
      this.items.push(...page.items.filter((row) => !known.has(row.id)));
      this.next = page.next;
    } finally {
      this.loading = false;
    }
  }

  /** Puts a row where it belongs. A row below the last loaded page comes with its page. */
  put(row: ConversationSummary): void {
    const at = this.items.findIndex((known) => known.id === row.id);
    const known = this.items[at];
    // A receipt may come after the run it began is over; the later word stays.
    if (known && known.touched > row.touched) return;
    if (known && known.touched === row.touched) {
      this.items[at] = row;
      return;
    }
    if (known) this.items.splice(at, 1);
    const before = this.items.findIndex((other) => other.touched < row.touched);
    if (before >= 0) this.items.splice(before, 0, row);
    else if (this.next === null) this.items.push(row);
  }

  remove(id: string): ConversationSummary | undefined {
    const at = this.items.findIndex((row) => row.id === id);
    return at < 0 ? undefined : this.items.splice(at, 1)[0];
  }

  setRunning(id: string, running: boolean): void {
    const row = this.items.find((known) => known.id === id);
    if (row) row.running = running;
  }
}
