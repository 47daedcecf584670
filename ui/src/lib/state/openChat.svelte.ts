import type { Backend } from '$lib/ipc/backend';
import type { ConversationView, MessageView, RunReceipt, SpendView, Target } from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { mergeMessages } from '$lib/stream/reduce';
import type { ComposerState, Outgoing } from './composer.svelte';
import type { Runs } from './runs.svelte';

/** The chat on the screen: a stored one, or one that begins with its first message. */
export class OpenChat {
  id = $state<string | null>(null);
  title = $state('');
  target = $state<Target | null>(null);
  messages = $state<MessageView[]>([]);
  spend = $state<SpendView | null>(null);
  loading = $state(false);
  error = $state<BackendError | null>(null);
  /** A command is on its way; the composer waits. */
  sending = $state(false);
  /** Why the last command did not go through. */
  refusal = $state<BackendError | null>(null);
  readonly composer: ComposerState;

  readonly #backend: Backend;
  readonly #runs: Runs;

  constructor(backend: Backend, runs: Runs, target: Target | null, composer: ComposerState) {
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
    if (view.target) this.target = view.target;
    this.spend = view.spend;
    this.messages = view.messages.map((message) => this.#runs.current(message));
    if (!view.messages.some((message) => message.status === 'streaming')) {
      this.#runs.forgetSettled(view.summary.id);
    }
    this.composer.restore(view.draft, view.setup);
  }

  /** Lays the live message of a run over the stored one, so that its text grows on the screen. */
  follow(message: MessageView): void {
    const at = this.messages.findIndex((known) => known.id === message.id);
    if (at >= 0) this.messages[at] = message;
  }

  get running(): boolean {
    return this.id !== null && this.#runs.ofConversation(this.id) !== undefined;
  }

  /** Sends a message. Null where nothing was sent. */
  async send({ text, attachments, setup }: Outgoing): Promise<RunReceipt | null> {
    const target = this.target;
    if (target === null || this.sending || this.running) return null;
    return this.#start(() =>
      this.#backend.send({
        conversationId: this.id,
        text,
        target: { ...target },
        attachments,
        setup,
        replaces: null,
      }),
    );
  }

  retry(messageId: string, target: Target | null): Promise<RunReceipt | null> {
    return this.#start(() => this.#backend.retry(messageId, target));
  }

  continueMessage(messageId: string): Promise<RunReceipt | null> {
    return this.#start(() => this.#backend.continueMessage(messageId));
  }

  async selectVersion(messageId: string): Promise<void> {
    try {
      this.show(await this.#backend.selectVersion(messageId));
    } catch (thrown) {
      this.refusal = asBackendError(thrown);
    }
  }

  async stop(): Promise<void> {
    const run = this.id === null ? undefined : this.#runs.ofConversation(this.id);
    if (!run) return;
    try {
      await this.#backend.stop(run.runId);
    } catch (thrown) {
      this.refusal = asBackendError(thrown);
    }
  }

  async #start(command: () => Promise<RunReceipt>): Promise<RunReceipt | null> {
    if (this.sending) return null;
    this.sending = true;
    this.refusal = null;
    try {
      const receipt = await this.#runs.begin(command);
      this.id = receipt.summary.id;
      this.title = receipt.summary.title;
      const fresh = receipt.messages.map((message) => this.#runs.current(message));
      this.messages = mergeMessages(this.messages, fresh);
      return receipt;
    } catch (thrown) {
      this.refusal = asBackendError(thrown);
      return null;
    } finally {
      this.sending = false;
    }
  }
}
