import { SvelteMap } from 'svelte/reactivity';
import type { Backend } from '$lib/ipc/backend';
import type {
  AttachmentView,
  ChatTarget,
  ConversationSummary,
  ConversationView,
  MessageStub,
  MessageView,
  RunReceipt,
  SpendView,
  Thumb,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import type { ComposerState, Outgoing } from './composer.svelte';
import type { Runs } from './runs.svelte';
import { mergeSpine, missing, surplus, type Span } from './spine';

/** The core refuses more at once. */
const BATCH = 40;
/** So many messages on each side of the screen are there before the reader is. */
const AROUND = 30;
/** Messages kept with their text; a chat of any length takes no more memory. */
const KEPT = 240;
/** The end of a chat is never forgotten: what is sent next stands there. */
const TAIL = 40;

/** The text of a message as one. */
export function wordsOf({ parts }: MessageView): string {
  return parts.flatMap((part) => (part.kind === 'text' ? part.text : [])).join('\n\n');
}

/** A message being rewritten. It outlives its row, which goes when the reader scrolls away. */
export type Rewriting = { id: string; text: string; attachments: AttachmentView[] };

/** The chat on the screen: a stored one, or one that begins with its first message. */
export class OpenChat {
  id = $state<string | null>(null);
  title = $state('');
  /** Its row of the list, where it is stored. */
  summary = $state.raw<ConversationSummary | null>(null);
  target = $state.raw<ChatTarget | null>(null);
  /** Every message of the active branch, oldest first, without its text. */
  spine = $state.raw<MessageStub[]>([]);
  spend = $state<SpendView | null>(null);
  loading = $state(false);
  error = $state<BackendError | null>(null);
  /** Why messages that came into sight could not be fetched. */
  gap = $state<BackendError | null>(null);
  /** A command is on its way; the composer waits. */
  sending = $state(false);
  /** Rises with each message that went out, for the log to go there. */
  sent = $state(0);
  /** Why the last command did not go through. */
  refusal = $state<BackendError | null>(null);
  /** Does once more what a budget held back, where the person may let it pass. */
  anyway = $state.raw<(() => Promise<RunReceipt | null>) | null>(null);
  rewriting = $state<Rewriting | null>(null);
  readonly composer: ComposerState;

  readonly #backend: Backend;
  readonly #runs: Runs;
  /** Of a stored chat; before that the composer keeps it. */
  #fallback = $state<string | null>(null);
  readonly #texts = new SvelteMap<string, MessageView>();
  /** Shown as they are until the store has said how they are now. */
  #stale = new Set<string>();
  /** Asked for and not there. */
  #absent = new Set<string>();
  #sight: Span = { from: 0, to: 0 };
  #fetching = false;

  constructor(backend: Backend, runs: Runs, target: ChatTarget | null, composer: ComposerState) {
    this.#backend = backend;
    this.#runs = runs;
    this.composer = composer;
    this.target = target;
  }

  async load(id: string): Promise<void> {
    this.id = id;
    this.loading = true;
    this.error = null;
    try {
      const view = await this.#backend.getConversation(id);
      if (this.id === id) this.show(view);
    } catch (thrown) {
      if (this.id === id) this.error = asBackendError(thrown);
    } finally {
      if (this.id === id) this.loading = false;
    }
  }

  show(view: ConversationView): void {
    this.id = view.summary.id;
    this.title = view.summary.title;
    this.summary = view.summary;
    if (view.target) this.target = view.target;
    this.#fallback = view.fallbackRouteId;
    this.spend = view.spend;
    this.spine = view.spine;
    const there = new Set(view.spine.map(({ id }) => id));
    for (const id of [...this.#texts.keys()]) if (!there.has(id)) this.#texts.delete(id);
    this.#absent.clear();
    // A change elsewhere in the tree changes the versions a message has.
    this.#stale = new Set(this.#texts.keys());
    for (const message of view.messages) this.#put(message);
    if (this.rewriting && !there.has(this.rewriting.id)) this.rewriting = null;
    if (!view.messages.some((message) => message.status === 'streaming')) {
      this.#runs.forgetSettled(view.summary.id);
    }
    this.composer.restore(view.draft, view.setup);
    void this.#fetch();
  }

  get empty(): boolean {
    return this.spine.length === 0;
  }

  /** A message with its text, where it is loaded. */
  message(id: string): MessageView | undefined {
    return this.#texts.get(id);
  }

  has(id: string): boolean {
    return this.spine.some((known) => known.id === id);
  }

  get lastAnswer(): MessageView | undefined {
    const stub = this.spine.findLast(({ role }) => role === 'assistant');
    return stub && this.message(stub.id);
  }

  /** What the person said, as far as it is loaded, oldest first. */
  get questions(): string[] {
    const own = this.spine.filter(({ role }) => role === 'user').flatMap(({ id }) => this.message(id) ?? []);
    return own.map(wordsOf);
  }

  /** Loaded messages, for what asks after memory. */
  get loaded(): number {
    return this.#texts.size;
  }

  /** These messages are on the screen: they are fetched, with some around them, and far ones are forgotten. */
  see(sight: Span): void {
    this.#sight = sight;
    void this.#fetch();
  }

  /** Asks once more for what could not be fetched. */
  seeAgain(): void {
    void this.#fetch();
  }

  /** Lays the live message of a run over the stored one, so that its text grows on the screen. */
  follow(message: MessageView): void {
    if (this.has(message.id)) this.#put(message);
  }

  get running(): boolean {
    return this.id !== null && this.#runs.ofConversation(this.id) !== undefined;
  }

  get busy(): boolean {
    return this.running || this.sending;
  }

  /** Sends a message. Null where nothing was sent. */
  send(message: Outgoing): Promise<RunReceipt | null> {
    // It went back to the composer, which sends it as it stands by then.
    return this.#say(message, null, async () => {
      this.composer.sendAnyway();
      return null;
    });
  }

  /** The route that is asked where its model fails. */
  get fallbackRouteId(): string | null {
    return this.id === null ? this.composer.fallbackRouteId : this.#fallback;
  }

  /** Chooses the route that is asked where the model fails. Rejects with why it was not kept. */
  async fallBackTo(routeId: string | null): Promise<void> {
    const { id } = this;
    if (id === null) {
      this.composer.fallbackRouteId = routeId;
      return;
    }
    const view = await this.#backend.setChatFallback(id, routeId);
    if (this.id === id) this.#fallback = view.fallbackRouteId;
  }

  /** Opens a message of the person for rewriting. */
  rewrite(id: string): void {
    const message = this.message(id);
    if (!message || message.role !== 'user') return;
    const attachments = message.parts.flatMap(({ attachment }) => (attachment ? [attachment] : []));
    this.refusal = null;
    this.rewriting = { id, text: wordsOf(message), attachments };
  }

  /** Asks again with the rewritten message; the old one stays as a version. */
  async askRewritten(overBudget = false): Promise<RunReceipt | null> {
    const rewriting = this.rewriting;
    if (!rewriting) return null;
    const files = rewriting.attachments.map(({ id }) => id);
    const message = { text: rewriting.text, attachments: files, setup: null, overBudget };
    const receipt = await this.#say(message, rewriting.id, () => this.askRewritten(true));
    if (receipt) this.rewriting = null;
    return receipt;
  }

  /** Keeps the rewritten words in place of the old ones and asks nobody. */
  async saveRewritten(): Promise<void> {
    const rewriting = this.rewriting;
    if (!rewriting || this.sending) return;
    await this.#try(async () => {
      this.#put(await this.#backend.editMessage(rewriting.id, rewriting.text.trim()));
      this.rewriting = null;
    });
  }

  retry(messageId: string, target: ChatTarget | null, overBudget = false): Promise<RunReceipt | null> {
    return this.#start(
      () => this.#backend.retry(messageId, target, overBudget),
      () => this.retry(messageId, target, true),
    );
  }

  continueMessage(messageId: string, overBudget = false): Promise<RunReceipt | null> {
    return this.#start(
      () => this.#backend.continueMessage(messageId, overBudget),
      () => this.continueMessage(messageId, true),
    );
  }

  /** Keeps what the person thinks of an answer. It shows at once; rejects with why it was not kept. */
  async rate(messageId: string, thumb: Thumb | null): Promise<void> {
    const before = this.message(messageId);
    if (!before) return;
    const show = (shown: Thumb | null) => {
      const now = this.message(messageId);
      if (now) this.#texts.set(messageId, { ...now, thumb: shown });
    };
    show(thumb);
    try {
      await this.#backend.setThumb(messageId, thumb);
    } catch (thrown) {
      show(before.thumb);
      throw thrown;
    }
  }

  async selectVersion(messageId: string): Promise<void> {
    await this.#try(async () => this.show(await this.#backend.selectVersion(messageId)));
  }

  /** What goes when a message is deleted: a question takes the answer that stands right below it along. */
  deletedWith(messageId: string): string[] {
    const at = this.spine.findIndex(({ id }) => id === messageId);
    const [stub, next] = [this.spine[at], this.spine[at + 1]];
    if (!stub) return [];
    return stub.role === 'user' && next?.role === 'assistant' ? [stub.id, next.id] : [stub.id];
  }

  async stop(): Promise<void> {
    const run = this.id === null ? undefined : this.#runs.ofConversation(this.id);
    if (run) await this.#try(() => this.#backend.stop(run.runId));
  }

  async #say(
    message: Outgoing,
    replaces: string | null,
    anyway: () => Promise<RunReceipt | null>,
  ): Promise<RunReceipt | null> {
    const { attachments, setup, overBudget } = message;
    const text = message.text.trim();
    const target = this.target;
    const nothing = text === '' && attachments.length === 0;
    if (nothing || target === null || this.busy) return null;
    const begins = this.id === null && target.kind === 'model';
    const fallbackRouteId = begins ? this.composer.fallbackRouteId : null;
    if (begins) this.#fallback = fallbackRouteId;
    return this.#start(
      () =>
        this.#backend.send({
          conversationId: this.id,
          text,
          target: { ...target },
          attachments,
          setup,
          fallbackRouteId,
          replaces,
          overBudget,
        }),
      anyway,
    );
  }

  async #start(
    command: () => Promise<RunReceipt>,
    anyway: () => Promise<RunReceipt | null>,
  ): Promise<RunReceipt | null> {
    if (this.sending) return null;
    this.sending = true;
    this.refusal = null;
    this.anyway = null;
    try {
      const receipt = await this.#runs.begin(command);
      this.id = receipt.summary.id;
      this.take(receipt);
      this.sent += 1;
      return receipt;
    } catch (thrown) {
      const refusal = asBackendError(thrown);
      this.refusal = refusal;
      const { budgets } = refusal;
      this.anyway = budgets.length > 0 && budgets.every(({ mayPass }) => mayPass) ? anyway : null;
      return null;
    } finally {
      this.sending = false;
    }
  }

  /** Shows the messages of a run that has begun. */
  take({ summary, messages }: RunReceipt): void {
    this.title = summary.title;
    this.summary = summary;
    this.spine = mergeSpine(this.spine, messages);
    for (const message of messages) this.#put(message);
  }

  async #try(command: () => Promise<void>): Promise<void> {
    this.refusal = null;
    this.anyway = null;
    try {
      await command();
    } catch (thrown) {
      this.refusal = asBackendError(thrown);
    }
  }

  #put(message: MessageView): void {
    this.#texts.set(message.id, this.#runs.current(message));
    this.#stale.delete(message.id);
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    this.gap = null;
    try {
      for (;;) {
        const has = (id: string) => this.#absent.has(id) || (this.#texts.has(id) && !this.#stale.has(id));
        const { spine } = this;
        const ids = missing(spine, this.#sight, AROUND, BATCH, has);
        if (ids.length === 0) break;
        const found = await this.#backend.getMessages(ids);
        // Another branch may stand there by now; what it has in common is as good.
        for (const message of found) {
          if (this.spine === spine || this.has(message.id)) this.#put(message);
        }
        for (const id of ids) if (!this.#texts.has(id) || this.#stale.has(id)) this.#absent.add(id);
        this.#forget();
      }
    } catch (thrown) {
      this.gap = asBackendError(thrown);
    } finally {
      this.#fetching = false;
    }
  }

  #forget(): void {
    const tail = new Set(this.spine.slice(-TAIL).map(({ id }) => id));
    const stays = (id: string) => tail.has(id) || this.rewriting?.id === id;
    const far = surplus(this.spine, this.#sight, this.#texts.keys(), KEPT, stays);
    for (const id of far) this.#texts.delete(id);
  }
}
