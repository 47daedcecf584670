import { createContext, tick } from 'svelte';
import { format } from '$lib/i18n/format';
import { t } from '$lib/i18n/en';
import type { Backend } from '$lib/ipc/backend';
import type {
  Bootstrap,
  ConversationKind,
  ConversationSummary,
  ConversationView,
  RunReceipt,
  SettingChange,
  Settings,
  Settled,
  ShelfChange,
  Target,
  Theme,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import type { LiveRun } from '$lib/stream/reduce';
import { compareSent, compareSettled, compareStarted, isCompare, openCompare } from './compareChanges';
import { renameChat, shelveChats } from './chatChanges';
import { Actions } from './actions.svelte';
import type { ComposerState, Outgoing } from './composer.svelte';
import { HookBoard } from './hooks.svelte';
import { booked, readMoney } from './money';
import { OpenChat } from './openChat.svelte';
import { placeIn } from './place';
import { showPreferences } from './preferences.svelte';
import { queuedWords, begunWords } from './queue';
import { isCarried } from './providers.svelte';
import { Runs } from './runs.svelte';
import { Session } from './session.svelte';
import type { PageId } from './settingsPage';
import { showTheme } from './theme';
import { modelOf, toModel } from '$lib/targets';
import { Toasts } from './toasts.svelte';
import { Undo } from './undo.svelte';

export type Screen =
  | 'chat'
  | 'compare'
  | 'providers'
  | 'routes'
  | 'costs'
  | 'search'
  | 'settings'
  | 'prices'
  | 'budgets'
  | 'ranking';

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
  /** Read out politely, once. */
  announcement = $state('');
  /** Read out at once, for what went wrong. */
  alarm = $state('');
  /** A message the conversation shall go to as soon as it has it. */
  jumpTo = $state<string | null>(null);
  readonly toasts = new Toasts();
  readonly undo = new Undo();
  /** The command palette, with what stands in its field at first. */
  palette = $state<{ query: string } | null>(null);
  /** Configuration comes in or goes out. */
  exchange = $state<'import' | 'export' | null>(null);
  /** The list of shortcuts lies over the page. */
  helpOpen = $state(false);
  /** Whoever comes back to the settings finds the page that was open. */
  settingsPage = $state<PageId>('general');
  /** The action whose keys the settings ask for as soon as they are shown. */
  rebinding = $state<string | null>(null);
  readonly hooks = new HookBoard();
  readonly actions: Actions;
  readonly runs: Runs;
  readonly backend: Backend;
  /** Set by the composer; asked to take the focus. */
  focusComposer: () => void = () => undefined;
  /** The notice that offers to take something back. */
  #offer = 0;

  constructor(backend: Backend) {
    this.backend = backend;
    this.actions = new Actions(this);
    this.runs = new Runs(backend, {
      started: (run) => this.#started(run),
      settled: (run, settled) => this.#settled(run, settled),
      replaced: (receipt) => {
        this.session?.compare.open.replaced(receipt);
        const chat = this.session?.chat;
        if (chat?.id === receipt.summary.id) chat.take(receipt);
      },
      queued: (run) => {
        this.#says(run, queuedWords(run, this.session?.providers));
        this.#carry(run);
      },
      rotated: (run) => {
        this.#says(run, begunWords(run));
        this.#carry(run);
      },
      lost: (conversationId) => void this.#reload(conversationId),
      failed: (error) => this.toasts.show(t.errors.stream(asBackendError(error).message), { bad: true }),
    });
  }

  async start(): Promise<void> {
    // Read first: the page writes its place anew as soon as it shows one.
    const { hash } = location;
    await this.#enter(() => this.backend.bootstrap());
    const { session } = this;
    const place = session && (placeIn(hash, session.demo) ?? session.lastChat);
    if (!session || !place || session.chat.id !== null) return;
    await this.openHit(place, null, false);
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
    await this.changeSetting({ theme });
  }

  changeSetting(change: SettingChange): Promise<void> {
    return this.#change(() => this.backend.changeSetting(change));
  }

  /** Leaves the first run for the chat, with the model that was chosen there if one was. */
  async finishFirstRun(start: Target | null = null): Promise<void> {
    const { session } = this;
    if (start) await session?.startWith(start).catch((thrown: unknown) => this.complain(thrown));
    this.firstRun = false;
    this.screen = 'chat';
    session?.connecting.leave();
    if (session) session.chat.target = start ? toModel(start) : session.firstTarget();
    await this.changeSetting({ onboarded: true });
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

  openRoute(id: string): void {
    this.show('routes');
    if (this.session) this.session.routes.selected = id;
  }

  /** How models rank, or how the targets of one route do. */
  openRanking(routeId: string | null = null): void {
    if (this.session) this.session.ranking.wanted = routeId;
    this.show('ranking');
  }

  /** The page of the routes makes a new one as soon as it is there. */
  newRoute(): void {
    this.show('routes');
    if (this.session) this.session.routes.wanted = true;
  }

  addProvider(vendor: string | null): void {
    this.show('providers');
    this.adding = { vendor };
  }

  /** A chat whose provider was removed goes on with another. */
  providerGone(id: string): void {
    this.selectedProvider = null;
    const { session } = this;
    if (session && modelOf(session.chat.target)?.providerId === id)
      session.chat.target = session.firstTarget(null);
  }

  togglePicker(opener?: HTMLElement): void {
    if (opener) this.pickerOpener = opener;
    this.picker = this.picker ? null : { retry: null };
  }

  openPalette(query: string): void {
    if (this.picker) this.pickerOpener?.focus();
    this.picker = null;
    this.palette = { query };
  }

  newChat(): void {
    const { session } = this;
    if (!session) return;
    this.show('chat');
    const target = session.firstTarget(session.chat.target ?? undefined);
    session.composers.leave(session.chat.composer);
    session.chat = new OpenChat(this.backend, this.runs, target, session.composers.forNew());
    // From another screen the composer comes with the next flush.
    void tick().then(() => this.focusComposer());
  }

  async openChat(id: string): Promise<void> {
    const { session } = this;
    if (!session) return;
    if (session.list.find(id)?.kind === 'compare') return openCompare(this, id);
    this.show('chat');
    if (session.chat.id === id) return;
    session.composers.leave(session.chat.composer);
    const chat = new OpenChat(this.backend, this.runs, session.chat.target, session.composers.of(id));
    session.chat = chat;
    chat.title = session.list.find(id)?.title ?? '';
    await chat.load(id);
  }

  /** Opens a chat at a message, on whatever branch that lies; out of the trash where it is in it. */
  async openHit(
    chatId: string,
    messageId: string | null,
    trashed: boolean,
    kind?: ConversationKind,
  ): Promise<void> {
    if (trashed) {
      try {
        await this.session?.list.shelve([chatId], 'restore');
      } catch (thrown) {
        this.complain(thrown);
        return;
      }
    }
    if (await isCompare(this, chatId, kind)) return openCompare(this, chatId, messageId);
    await this.openChat(chatId);
    const chat = this.session?.chat;
    if (messageId === null || chat?.id !== chatId || chat.error) return;
    if (!chat.has(messageId)) await chat.selectVersion(messageId);
    this.jumpTo = messageId;
  }

  /** Shows a chat that is here already, as the store gave it. */
  showChat(view: ConversationView): void {
    const { session } = this;
    if (!session) return;
    this.show('chat');
    session.list.put(view.summary);
    const { id } = view.summary;
    const chat = new OpenChat(this.backend, this.runs, session.chat.target, session.composers.of(id));
    chat.show(view);
    session.composers.leave(session.chat.composer);
    session.chat = chat;
  }

  /** Says what was done, and takes it back on a click or with the keyboard, whichever comes first. */
  undoable(said: string, run: () => Promise<void>): void {
    // One offer at a time; the steps before are still there for the keyboard.
    this.toasts.close(this.#offer);
    const take = this.undo.push(said, async () => {
      this.toasts.close(toast);
      await run();
    });
    const toast = this.toasts.show(said, {
      action: { label: t.messages.undo, run: () => void take().catch((thrown) => this.complain(thrown)) },
    });
    this.#offer = toast;
  }

  undoLast(): void {
    this.undo.last().catch((thrown: unknown) => this.complain(thrown));
  }

  renameChat(id: string, title: string): Promise<void> {
    return renameChat(this, id, title);
  }

  deleteChat(id: string): Promise<void> {
    return shelveChats(this, [id], 'trash');
  }

  /** Moves the open chat: to the top of the list, aside, or away with a way back. */
  async shelveChat(change: ShelfChange): Promise<void> {
    const id = this.session?.chat.id;
    if (id) await shelveChats(this, [id], change);
  }

  /** After a message went out: the list, the chat's row, the words for a screen reader. */
  sent(summary: ConversationSummary): void {
    const { session } = this;
    if (!session) return;
    session.list.put({ ...summary, running: this.runs.ofConversation(summary.id) !== undefined });
    if (session.chat.target) session.usedLast({ ...session.chat.target });
  }

  /** Writes what a composer holds and the store does not. */
  async flush(): Promise<void> {
    await Promise.all([this.session?.composers.flush(), this.session?.compare.flush()]);
  }

  complain(thrown: unknown): void {
    this.toasts.show(t.errors.command(asBackendError(thrown)), { bad: true });
  }

  /** Sends for a composer, also while another chat is open. */
  async #deliver(composer: ComposerState, message: Outgoing): Promise<RunReceipt | null> {
    const { session } = this;
    if (!session) return null;
    if (session.chat.composer === composer) {
      const receipt = await session.chat.send(message);
      if (receipt) this.sent(receipt.summary);
      return receipt;
    }
    const unseen = new OpenChat(this.backend, this.runs, composer.target, composer);
    unseen.id = composer.id;
    const receipt = await unseen.send(message);
    if (receipt) session.list.put({ ...receipt.summary, running: true });
    else if (unseen.refusal) this.complain(unseen.refusal);
    return receipt;
  }

  async #enter(load: () => Promise<Bootstrap>): Promise<void> {
    try {
      const boot = await load();
      this.runs.detach();
      this.failure = null;
      this.session?.composers.close();
      this.session?.relays.close();
      this.session?.compare.close();
      this.session = new Session(
        this.backend,
        this.runs,
        boot,
        (thrown) => this.complain(thrown),
        (composer, message) => this.#deliver(composer, message),
        (relay) => (this.announcement = t.relay.announce(relay.model)),
        (compare, summary) => compareSent(this, compare, summary),
      );
      this.exchange = null;
      this.firstRun = !boot.settings.onboarded && !boot.demo;
      this.show('chat');
      this.adding = null;
      this.selectedProvider = null;
      this.undo.clear();
      showTheme(boot.settings.theme);
      showPreferences(boot.settings.preferences);
      if (boot.interrupted > 0) this.toasts.show(t.chat.recovered(boot.interrupted));
    } catch (thrown) {
      this.failure = asBackendError(thrown);
      return;
    }
    await this.runs.attach().catch((error: unknown) => this.complain(error));
    // Prompts from before the start have no run that could tell of them.
    void this.session?.relays.load().catch((error: unknown) => this.complain(error));
    readMoney(this);
  }

  async #switch(load: () => Promise<Bootstrap>): Promise<void> {
    if (this.switching) return;
    this.switching = true;
    const before = this.session;
    try {
      // Into the folder it belongs to, while that is open.
      await this.flush();
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

  async #reload(conversationId: string): Promise<void> {
    const { session } = this;
    if (!session) return;
    session.list.setRunning(conversationId, false);
    session.composers.settled(conversationId, 'interrupted');
    if (session.chat.id === conversationId) await session.chat.load(conversationId);
    if (session.compare.open.id === conversationId) await session.compare.open.load(conversationId);
  }

  #started(run: LiveRun): void {
    const { session } = this;
    if (!session) return;
    session.list.setRunning(run.conversationId, true);
    this.#carry(run);
    compareStarted(this, run);
    if (session.chat.id !== run.conversationId) return;
    if (session.chat.has(run.message.id)) session.chat.follow(run.message);
    else if (!session.chat.sending) void session.chat.load(run.conversationId);
    this.#says(run, queuedWords(run, this.session?.providers));
    this.alarm = '';
  }

  /** A person has to carry its prompt: that comes in a moment. */
  #carry(run: LiveRun): void {
    const by = run.message.attempts.at(-1)?.providerId;
    const provider = by === undefined ? undefined : this.session?.providers.byId(by);
    if (provider && isCarried(provider) && !run.settled && run.waiting === null)
      this.session?.relays.expect(run.message.id);
  }

  /** Takes the answer that a person has brought back. */
  async answerRelay(messageId: string, text: string): Promise<void> {
    const { session } = this;
    const relay = session?.relays.of(messageId);
    await session?.relays.answer(messageId, text);
    // Where nothing runs, the stream has nothing to tell: it waited since before the start.
    const run = this.runs.ofMessage(messageId);
    if (relay && (!run || run.settled)) await this.#reload(relay.conversationId);
  }

  /** Reads out what becomes of a reply, where its chat is the one in sight. */
  #says(run: LiveRun, words: string): void {
    if (words !== '' && this.session?.chat.id === run.conversationId) this.announcement = words;
  }

  #settled(run: LiveRun, settled: Settled): void {
    const { session } = this;
    if (!session) return;
    const anew = settled.replacedBy;
    session.list.put(anew ? { ...settled.summary, running: true } : settled.summary);
    session.relays.settled(run.message.id);
    compareSettled(this, run, settled);
    if (session.chat.id === run.conversationId) {
      session.chat.spend = settled.spend;
      session.chat.title = settled.summary.title;
      session.chat.summary = settled.summary;
      // Where its new version is under way, nothing is asked of the person.
      const failed = !anew && (settled.status === 'failed' || settled.status === 'interrupted');
      const said = t.announce.done(settled, run.message, format);
      this.announcement = failed ? '' : said;
      this.alarm = failed ? said : '';
    }
    session.providers.facts.changed();
    session.costs.changed();
    // What is known of a key changes with its use, mostly when it could not be used.
    if (settled.status !== 'complete') {
      session.providers.refresh().catch((thrown: unknown) => this.complain(thrown));
    }
    this.backend.spend().then(
      (spend) => {
        session.spend = spend;
      },
      (thrown: unknown) => this.complain(thrown),
    );
    booked(this, settled);
    if (!anew) session.composers.settled(run.conversationId, settled.status);
  }
}

export const [useApp, provideApp] = createContext<App>();
