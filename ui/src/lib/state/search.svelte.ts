import { ask } from '$lib/search/ask';
import { takeFilters } from '$lib/search/filters';
import type { Backend } from '$lib/ipc/backend';
import type { MessageView, SearchChat, SearchHit, SearchOrder, SearchView } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';

/** Before a search that takes long says so. */
const SAY_AFTER_MS = 100;
/** The reader moves through hits faster than previews are worth reading. */
const PREVIEW_AFTER_MS = 60;
const INDEXING_AGAIN_MS = 1500;

/** Something that can be chosen: a hit, or a chat that was found by its title alone. */
export type Choice = { chat: SearchChat; hit: SearchHit | null; key: string };

/** The search of a window; it stays as it is while another screen is shown. */
export class Search {
  filters = $state<string[]>([]);
  text = $state('');
  order = $state<SearchOrder>('best');
  view = $state.raw<SearchView | null>(null);
  error = $state<BackendError | null>(null);
  /** It takes long enough to say so. */
  busy = $state(false);
  loadingMore = $state(false);
  chosen = $state<string | null>(null);
  preview = $state.raw<{ key: string; messages: MessageView[] } | null>(null);
  previewError = $state<BackendError | null>(null);
  /** Counts up to ask the field for the focus. */
  asked = $state(0);

  readonly #backend: Backend;
  #latest = 0;
  /** What the hits on the screen were asked by. */
  #answered = '';
  #busyTimer: ReturnType<typeof setTimeout> | undefined;
  #againTimer: ReturnType<typeof setTimeout> | undefined;
  #previewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** A last word without a space behind it is taken as a beginning. */
  readonly query = $derived([...this.filters, this.text.trimStart()].filter(Boolean).join(' '));
  readonly choices = $derived<Choice[]>(
    (this.view?.chats ?? []).flatMap((chat): Choice[] =>
      chat.hits.length > 0
        ? chat.hits.map((hit) => ({ chat, hit, key: `m${hit.messageId}` }))
        : [{ chat, hit: null, key: `c${chat.id}` }],
    ),
  );
  readonly current = $derived(this.choices.find((choice) => choice.key === this.chosen) ?? null);

  focus(): void {
    this.asked += 1;
  }

  type(text: string): void {
    const taken = takeFilters(text);
    this.text = taken.rest;
    this.#add(taken.filters);
    void this.run();
  }

  /** Turns what is typed into chips, as Enter does. */
  settle(): void {
    const taken = takeFilters(this.text, true);
    this.text = taken.rest;
    this.#add(taken.filters);
  }

  toggle(filter: string): void {
    if (this.filters.includes(filter)) this.drop(filter);
    else this.with(filter);
  }

  /** Adds a filter, in place of those that begin with one of `instead`. */
  with(filter: string | null, instead: string[] = []): void {
    this.filters = this.filters.filter((known) => !instead.some((start) => known.startsWith(start)));
    if (filter !== null) this.#add([filter]);
    void this.run();
  }

  drop(filter: string): void {
    this.settle();
    this.filters = this.filters.filter((known) => known !== filter);
    void this.run();
  }

  /** Takes the last chip back into the text, to be typed on. */
  reopenLast(): void {
    const last = this.filters.at(-1);
    if (last === undefined) return;
    this.filters = this.filters.slice(0, -1);
    this.text = last;
    void this.run();
  }

  clear(): void {
    this.filters = [];
    this.text = '';
    void this.run();
  }

  sort(order: SearchOrder): void {
    this.order = order;
    void this.run();
  }

  async run(): Promise<void> {
    const mine = ++this.#latest;
    clearTimeout(this.#againTimer);
    clearTimeout(this.#busyTimer);
    if (this.query === '') {
      this.busy = false;
      this.error = null;
      this.view = null;
      this.#choose(null);
      return;
    }
    this.#busyTimer = setTimeout(() => (this.busy = true), SAY_AFTER_MS);
    try {
      const view = await this.#ask({ conversationId: null, skip: 0 }, () => mine === this.#latest);
      if (!view) return;
      this.error = null;
      this.view = view;
      const asked = `${this.order} ${this.query}`;
      if (!this.current || asked !== this.#answered) this.#choose(this.choices[0]?.key ?? null);
      this.#answered = asked;
      if (view.indexing) this.#againTimer = setTimeout(() => void this.run(), INDEXING_AGAIN_MS);
    } catch (thrown) {
      if (mine !== this.#latest) return;
      this.error = asBackendError(thrown);
      this.view = null;
    } finally {
      if (mine === this.#latest) {
        clearTimeout(this.#busyTimer);
        this.busy = false;
      }
    }
  }

  /** Nobody looks any more. */
  rest(): void {
    clearTimeout(this.#againTimer);
    clearTimeout(this.#previewTimer);
  }

  /** The next chats. */
  async more(): Promise<void> {
    const before = this.view;
    await this.#extend({ conversationId: null, skip: before?.chats.length ?? 0 }, (view, next) => {
      const known = new Set(view.chats.map((chat) => chat.id));
      return { chats: [...view.chats, ...next.chats.filter((chat) => !known.has(chat.id))], more: next.more };
    });
  }

  /** The other hits of a chat. */
  async moreOf(id: string): Promise<void> {
    await this.#extend({ conversationId: id, skip: 0 }, (view, next) => {
      const all = next.chats.find((chat) => chat.id === id);
      // A hit that is shown already keeps its place.
      const grown = (chat: SearchChat): SearchChat => {
        const shown = new Set(chat.hits.map((hit) => hit.messageId));
        const others = all?.hits.filter((hit) => !shown.has(hit.messageId)) ?? [];
        const hits = [...chat.hits, ...others];
        return { ...chat, hits, hitCount: others.length === 0 ? hits.length : chat.hitCount };
      };
      return { chats: view.chats.map((chat) => (chat.id === id ? grown(chat) : chat)), more: view.more };
    });
  }

  choose(key: string): void {
    this.#choose(key);
  }

  move(step: 1 | -1): void {
    const at = this.choices.findIndex((choice) => choice.key === this.chosen);
    const next = this.choices[Math.min(Math.max(at + step, 0), this.choices.length - 1)];
    if (next) this.#choose(next.key);
  }

  #ask(
    over: { conversationId: string | null; skip: number },
    isWanted: () => boolean,
  ): Promise<SearchView | null> {
    const input = { text: this.query, order: this.order, typing: true, ...over };
    return ask(this.#backend, input, isWanted);
  }

  async #extend(
    over: { conversationId: string | null; skip: number },
    merge: (view: SearchView, next: SearchView) => Partial<SearchView>,
  ): Promise<void> {
    const mine = this.#latest;
    if (this.loadingMore) return;
    this.loadingMore = true;
    try {
      const next = await this.#ask(over, () => mine === this.#latest);
      if (next && this.view) this.view = { ...this.view, ...merge(this.view, next) };
    } catch (thrown) {
      if (mine === this.#latest) this.error = asBackendError(thrown);
    } finally {
      this.loadingMore = false;
    }
  }

  #add(filters: string[]): void {
    const fresh = filters.filter((filter) => !this.filters.includes(filter));
    if (fresh.length > 0) this.filters = [...this.filters, ...fresh];
  }

  #choose(key: string | null): void {
    this.chosen = key;
    this.previewError = null;
    clearTimeout(this.#previewTimer);
    const id = this.current?.hit?.messageId;
    if (key === null || id === undefined) {
      this.preview = null;
      return;
    }
    if (this.preview?.key === key) return;
    this.#previewTimer = setTimeout(() => void this.#load(key, id), PREVIEW_AFTER_MS);
  }

  async #load(key: string, id: string): Promise<void> {
    try {
      const messages = await this.#backend.previewMessage(id);
      if (this.chosen === key) this.preview = { key, messages };
    } catch (thrown) {
      if (this.chosen !== key) return;
      this.preview = null;
      this.previewError = asBackendError(thrown);
    }
  }
}
