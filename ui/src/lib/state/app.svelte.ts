import { createContext } from 'svelte';
import { format } from '$lib/i18n/format';
import { t } from '$lib/i18n/en';
import type { Backend } from '$lib/ipc/backend';
import type {
  Bootstrap,
  ConversationSummary,
  Settings,
  Settled,
  SpendView,
  Target,
  Theme,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import type { LiveRun } from '$lib/stream/reduce';
import { ChatList } from './chatList.svelte';
import { Connecting } from './connecting.svelte';
import { KeyStores } from './keyStores.svelte';
import { OpenChat } from './openChat.svelte';
import { placeIn } from './place';
import { Providers } from './providers.svelte';
import { Runs } from './runs.svelte';
import { Search } from './search.svelte';
import { showTheme } from './theme';
import { Toasts } from './toasts.svelte';

export type Screen = 'chat' | 'providers' | 'search' | 'settings';

/** Data of one data folder; opening or leaving the demo makes a new one. */
class Session {
  readonly version: string;
  readonly demo: boolean;
  readonly dataDir: string;
  settings = $state<Settings>() as Settings;
  spend = $state<SpendView>() as SpendView;
  readonly list: ChatList;
  readonly providers: Providers;
  readonly keys: KeyStores;
  readonly connecting: Connecting;
  readonly search: Search;
  chat = $state<OpenChat>() as OpenChat;

  constructor(backend: Backend, runs: Runs, boot: Bootstrap, complain: (thrown: unknown) => void) {
    this.version = boot.version;
    this.demo = boot.demo;
    this.dataDir = boot.dataDir;
    this.settings = boot.settings;
    this.spend = boot.spend;
    this.list = new ChatList(backend, boot.conversations);
    this.providers = new Providers(backend, boot.providers);
    this.keys = new KeyStores(backend, () => void this.providers.refresh().catch(complain));
    this.connecting = new Connecting(this.providers, this.keys);
    this.search = new Search(backend);
    this.chat = new OpenChat(backend, runs, this.providers.firstTarget(boot.settings.lastTarget));
  }
}

/** The window: what is open, what runs, what is said. */
export class App {
  session = $state<Session | null>(null);
  failure = $state<BackendError | null>(null);
  screen = $state<Screen>('chat');
  /** Shown in place of the screens until a provider is connected or the person looks around. */
  firstRun = $state(false);
  switching = $state(false);
  /** The model picker: for the chat, or for answering a message again. */
  picker = $state<{ retry: string | null } | null>(null);
  pickerOpener = $state<HTMLElement>();
  selectedProvider = $state<string | null>(null);
  adding = $state<{ vendor: string | null } | null>(null);
  /** Too narrow for the chat list beside the chat. */
  narrow = $state(false);
  drawerOpen = $state(false);
  /** The first screen is painted: what was put off for it may load now. */
  settledIn = $state(false);
  /** The message that the chat on the screen shall show. */
  jumpTo = $state<string | null>(null);
  /** Read out politely, once. */
  announcement = $state('');
  readonly toasts = new Toasts();
  readonly runs: Runs;
  readonly backend: Backend;
  /** Set by the composer; asked to take the focus. */
  focusComposer: () => void = () => undefined;

  constructor(backend: Backend) {
    this.backend = backend;
    this.runs = new Runs(backend, {
      started: (run) => this.#started(run),
      settled: (run, settled) => this.#settled(run, settled),
      lost: (conversationId) => void this.#reload(conversationId),
      failed: (error) => this.toasts.show(t.errors.stream(asBackendError(error).message), { bad: true }),
    });
  }

  async start(): Promise<void> {
    // Read first: the page writes its place anew as soon as it shows one.
    const { hash } = location;
    await this.#enter(() => this.backend.bootstrap());
    const { session } = this;
    const place = session && placeIn(hash, session.demo);
    if (!session || !place || session.chat.id !== null) return;
    await this.openChat(place);
    // A chat that is gone since is no error: the person asked for nothing.
    if (this.session === session && session.chat.error?.code === 'not_found') this.newChat();
  }

  openDemo(): Promise<void> {
    return this.#switch(() => this.backend.openDemo());
  }

  leaveDemo(): Promise<void> {
    return this.#switch(() => this.backend.leaveDemo());
  }

  async setTheme(theme: Theme): Promise<void> {
    showTheme(theme);
    await this.#change(() => this.backend.changeSetting({ theme }));
  }

  /** Leaves the first run for the chat, with the model that was chosen there if one was. */
  async finishFirstRun(start: Target | null = null): Promise<void> {
    const { session } = this;
    if (session && start) await this.#startWith(session, start);
    this.firstRun = false;
    this.screen = 'chat';
    session?.connecting.leave();
    if (session) session.chat.target = start ?? session.providers.firstTarget(session.settings.lastTarget);
    await this.#change(() => this.backend.changeSetting({ onboarded: true }));
  }

  /** The next chats begin with this model too: its provider comes first, and it comes first there. */
  async #startWith({ providers }: Session, { providerId, model }: Target): Promise<void> {
    const provider = providers.byId(providerId);
    if (!provider) return;
    try {
      const { id, vendor, name, baseUrl, enabled } = provider;
      await providers.save({ id, vendor, name, baseUrl, enabled, defaultModel: model });
      const others = providers.items.map((item) => item.id).filter((other) => other !== id);
      if (providers.items[0]?.id !== id) await providers.order([id, ...others]);
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  show(screen: Screen): void {
    this.screen = screen;
    this.picker = null;
    this.drawerOpen = false;
  }

  openProvider(id: string): void {
    this.show('providers');
    this.adding = null;
    this.selectedProvider = id;
  }

  addProvider(vendor: string | null): void {
    this.show('providers');
    this.adding = { vendor };
  }

  /** A chat whose provider was removed goes on with another. */
  providerGone(id: string): void {
    this.selectedProvider = null;
    const { session } = this;
    if (session?.chat.target?.providerId === id) session.chat.target = session.providers.firstTarget(null);
  }

  togglePicker(opener?: HTMLElement): void {
    if (opener) this.pickerOpener = opener;
    this.picker = this.picker ? null : { retry: null };
  }

  newChat(): void {
    const { session } = this;
    if (!session) return;
    this.show('chat');
    const target = session.chat.target ?? session.providers.firstTarget(session.settings.lastTarget);
    session.chat = new OpenChat(this.backend, this.runs, target);
    this.focusComposer();
  }

  async openChat(id: string): Promise<void> {
    const { session } = this;
    if (!session) return;
    this.show('chat');
    if (session.chat.id === id) return;
    const chat = new OpenChat(this.backend, this.runs, session.chat.target);
    session.chat = chat;
    chat.title = session.list.items.find((row) => row.id === id)?.title ?? '';
    await chat.load(id);
  }

  /** Opens a chat at a message, on whatever branch that lies; out of the trash where it is in it. */
  async openHit(chatId: string, messageId: string | null, trashed: boolean): Promise<void> {
    if (trashed) {
      try {
        this.session?.list.put(await this.backend.restoreConversation(chatId));
      } catch (thrown) {
        this.complain(thrown);
        return;
      }
    }
    await this.openChat(chatId);
    const chat = this.session?.chat;
    if (messageId === null || chat?.id !== chatId || chat.error) return;
    if (!chat.messages.some((message) => message.id === messageId)) await chat.selectVersion(messageId);
    this.jumpTo = messageId;
  }

  async renameChat(id: string, title: string): Promise<void> {
    const { session } = this;
    const wanted = title.trim();
    if (!session || wanted === '') return;
    try {
      const row = await this.backend.renameConversation(id, wanted);
      session.list.put(row);
      if (session.chat.id === id) session.chat.title = row.title;
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  async deleteChat(id: string): Promise<void> {
    const { session } = this;
    if (!session) return;
    try {
      await this.backend.deleteConversation(id);
      const row = session.list.remove(id);
      if (session.chat.id === id) this.newChat();
      this.toasts.show(t.list.deleted(row?.title || t.chat.untitled), {
        action: { label: t.list.undo, run: () => void this.#restore(id) },
      });
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  /** After a message went out: the list, the chat's row, the words for a screen reader. */
  sent(summary: ConversationSummary): void {
    const { session } = this;
    if (!session) return;
    session.list.put({ ...summary, running: this.runs.ofConversation(summary.id) !== undefined });
    if (session.chat.target) session.settings.lastTarget = { ...session.chat.target };
  }

  complain(thrown: unknown): void {
    this.toasts.show(t.errors.command(asBackendError(thrown)), { bad: true });
  }

  async #enter(load: () => Promise<Bootstrap>): Promise<void> {
    try {
      const boot = await load();
      this.runs.detach();
      this.failure = null;
      this.session = new Session(this.backend, this.runs, boot, (thrown) => this.complain(thrown));
      this.firstRun = !boot.settings.onboarded && !boot.demo;
      this.show('chat');
      this.adding = null;
      this.selectedProvider = null;
      showTheme(boot.settings.theme);
      if (boot.interrupted > 0) this.toasts.show(t.chat.recovered(boot.interrupted));
    } catch (thrown) {
      this.failure = asBackendError(thrown);
      return;
    }
    await this.runs.attach().catch((error: unknown) => this.complain(error));
  }

  async #switch(load: () => Promise<Bootstrap>): Promise<void> {
    if (this.switching) return;
    this.switching = true;
    const before = this.session;
    try {
      await this.#enter(load);
      if (this.failure && before) {
        this.complain(this.failure);
        this.failure = null;
      }
    } finally {
      this.switching = false;
    }
  }

  async #change(command: () => Promise<Settings>): Promise<void> {
    try {
      const settings = await command();
      if (this.session) this.session.settings = settings;
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  async #restore(id: string): Promise<void> {
    try {
      this.session?.list.put(await this.backend.restoreConversation(id));
      await this.openChat(id);
    } catch (thrown) {
      this.complain(thrown);
    }
  }

  async #reload(conversationId: string): Promise<void> {
    const { session } = this;
    if (!session) return;
    session.list.setRunning(conversationId, false);
    if (session.chat.id === conversationId) await session.chat.load(conversationId);
  }

  #started(run: LiveRun): void {
    const { session } = this;
    if (!session) return;
    session.list.setRunning(run.conversationId, true);
    if (session.chat.id !== run.conversationId) return;
    const known = session.chat.messages.some((message) => message.id === run.message.id);
    if (known) session.chat.follow(run.message);
    else if (!session.chat.sending) void session.chat.load(run.conversationId);
    const attempt = run.message.attempts.at(-1);
    if (attempt) this.announcement = t.announce.answering(attempt.providerName);
  }

  #settled(run: LiveRun, settled: Settled): void {
    const { session } = this;
    if (!session) return;
    session.list.put(settled.summary);
    if (session.chat.id === run.conversationId) {
      session.chat.spend = settled.spend;
      session.chat.title = settled.summary.title;
      this.announcement = t.announce.done(settled, run.message, format);
    }
    // What is known of a key changes with its use, mostly when it could not be used.
    if (settled.status !== 'complete') {
      session.providers.refresh().catch((thrown: unknown) => this.complain(thrown));
    }
    this.backend.spend().then(
      (spend) => (session.spend = spend),
      (thrown: unknown) => this.complain(thrown),
    );
  }
}

export const [useApp, provideApp] = createContext<App>();
