import type { Backend } from '$lib/ipc/backend';
import type { ConversationPage, ConversationSummary, Shelf, ShelfChange } from '$lib/ipc/bindings';

/** What brings back what a change did. Purged chats do not come back. */
const back: Partial<Record<ShelfChange, ShelfChange>> = {
  pin: 'unpin',
  unpin: 'pin',
  archive: 'unarchive',
  unarchive: 'archive',
  trash: 'restore',
  restore: 'trash',
};

const newestFirst = (rows: ConversationSummary[]) => rows.sort((a, b) => b.touched - a.touched);

/** The rows of one shelf, page by page, newest first. New rows are new objects: 10,000 of them cost no signals. */
class ShelfRows {
  items = $state.raw<ConversationSummary[]>([]);
  /** Where the next page begins; null at the end, and before the first page. */
  next = $state<number | null>(null);
  loading = $state(false);
  /** The first page is there. */
  read = $state(false);

  readonly #page: (before: number | null) => Promise<ConversationPage>;
  #coming: Promise<void> | null = null;

  constructor(page: (before: number | null) => Promise<ConversationPage>) {
    this.#page = page;
  }

  begin({ items, next }: ConversationPage): void {
    this.items = items;
    this.next = next;
    this.read = true;
  }

  /** Reads the next page, or the first. Who asks while one comes waits for that one. */
  more(): Promise<void> {
    if (this.read && this.next === null) return Promise.resolve();
    return (this.#coming ??= this.#more());
  }

  async #more(): Promise<void> {
    this.loading = true;
    try {
      const page = await this.#page(this.next);
      const known = new Set(this.items.map((row) => row.id));
      const items = [...this.items, ...page.items.filter((row) => !known.has(row.id))];
      this.begin({ ...page, items });
    } finally {
      // First this: whoever sees that nothing is loading may ask for the next page at once.
      this.#coming = null;
      this.loading = false;
    }
  }

  find(id: string): ConversationSummary | undefined {
    return this.items.find((row) => row.id === id);
  }

  /** Rows below the last loaded page come with their page. */
  insert(rows: ConversationSummary[]): void {
    if (!this.read) return;
    const { next } = this;
    const here = rows.filter((row) => next === null || row.touched >= next);
    if (here.length > 0) this.items = newestFirst([...this.items, ...here]);
  }

  replace(row: ConversationSummary): void {
    this.items = this.items.map((known) => (known.id === row.id ? row : known));
  }

  drop(ids: ReadonlySet<string>): void {
    if (this.items.some((row) => ids.has(row.id))) this.items = this.items.filter((row) => !ids.has(row.id));
  }
}

/** The chats: those kept above the list, the list, the archive and the trash. */
export class ChatList {
  pinned = $state.raw<ConversationSummary[]>([]);
  readonly shelves: Record<Shelf, ShelfRows>;

  readonly #backend: Backend;

  constructor(backend: Backend, first: ConversationPage) {
    this.#backend = backend;
    const rows = (shelf: Shelf) => new ShelfRows((before) => backend.listConversations(shelf, before));
    this.shelves = { list: rows('list'), archive: rows('archive'), trash: rows('trash') };
    this.shelves.list.begin(first);
    this.pinned = first.pinned;
  }

  /** All that is loaded of the list, the pinned ones first. */
  get items(): ConversationSummary[] {
    return [...this.pinned, ...this.shelves.list.items];
  }

  find(id: string): ConversationSummary | undefined {
    const { list, archive, trash } = this.shelves;
    return this.pinned.find((row) => row.id === id) ?? list.find(id) ?? archive.find(id) ?? trash.find(id);
  }

  /** Puts a row where it belongs. */
  put(row: ConversationSummary): void {
    const known = this.find(row.id);
    // A receipt may come after the run it began is over; the later word stays.
    if (known && known.touched > row.touched) return;
    if (known && known.touched === row.touched && known.shelf === row.shelf && known.pinned === row.pinned) {
      this.#replace(row);
      return;
    }
    this.#move([row]);
  }

  setRunning(id: string, running: boolean): void {
    const row = this.find(id);
    if (row && row.running !== running) this.#replace({ ...row, running });
  }

  /** Does it, and tells what brings it back; null where nothing does, or nothing had to be done. */
  async shelve(ids: string[], change: ShelfChange): Promise<(() => Promise<void>) | null> {
    const meant =
      change === 'pin' || change === 'unpin'
        ? ids.filter((id) => this.find(id)?.pinned !== (change === 'pin'))
        : ids;
    if (meant.length === 0) return null;
    await this.#shelve(meant, change);
    const undo = back[change];
    return undo ? () => this.#shelve(meant, undo) : null;
  }

  async #shelve(ids: string[], change: ShelfChange): Promise<void> {
    const rows = await this.#backend.shelve(ids, change);
    if (change === 'purge') this.#drop(ids);
    else this.#move(rows);
  }

  #move(rows: ConversationSummary[]): void {
    this.#drop(rows.map((row) => row.id));
    const above = rows.filter((row) => row.shelf === 'list' && row.pinned);
    if (above.length > 0) this.pinned = newestFirst([...this.pinned, ...above]);
    for (const shelf of ['list', 'archive', 'trash'] as const) {
      this.shelves[shelf].insert(rows.filter((row) => row.shelf === shelf && !above.includes(row)));
    }
  }

  #replace(row: ConversationSummary): void {
    if (this.pinned.some((known) => known.id === row.id)) {
      this.pinned = this.pinned.map((known) => (known.id === row.id ? row : known));
    } else this.shelves[row.shelf].replace(row);
  }

  #drop(ids: string[]): void {
    const gone = new Set(ids);
    if (this.pinned.some((row) => gone.has(row.id))) {
      this.pinned = this.pinned.filter((row) => !gone.has(row.id));
    }
    for (const rows of Object.values(this.shelves)) rows.drop(gone);
  }
}
