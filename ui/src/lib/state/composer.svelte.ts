import type { Backend } from '$lib/ipc/backend';
import type {
  ChatSetup,
  ChatTarget,
  Draft,
  EstimateInput,
  MessageStatus,
  QueuedMessage,
  RunReceipt,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { Attached, type FileFault } from './composer/attached.svelte';
import { Forecast } from './composer/forecast.svelte';
import { Keeper } from './composer/keeper';
import { emptySetup } from './composer/setup';
import { Walk } from './composer/walk';

/** A message typed ahead. */
export type Queued = { key: number; text: string; files: Attached[] };

/** Why the messages typed ahead do not go out by themselves. */
export type Pause = 'failed' | 'stopped' | 'cutOff' | 'notSent' | 'waiting';

/** A message on its way out. */
export type Outgoing = {
  text: string;
  attachments: string[];
  /** Absent leaves what the chat has. */
  setup: ChatSetup | null;
  /** The person lets it pass, this once, the budgets that ask. */
  overBudget: boolean;
};

/** What a composer needs of the window around it. */
export type Surroundings = {
  backend: Backend;
  /** Whether a reply is being asked for or written in this chat. */
  busy: (id: string | null) => boolean;
  /** Sends. Null where nothing was sent. */
  deliver: (composer: ComposerState, message: Outgoing) => Promise<RunReceipt | null>;
  /** It went out; `began` where it is the first of its chat. */
  sent: (composer: ComposerState, text: string, began: boolean) => void;
  /** It came back and nobody may be looking. */
  returned: (composer: ComposerState) => void;
  complain: (thrown: unknown) => void;
};

const PAUSES: Partial<Record<MessageStatus, Pause>> = {
  failed: 'failed',
  cancelled: 'stopped',
  interrupted: 'cutOff',
};

let last = 0;

const blank = (text: string, files: Attached[]) => text.trim() === '' && files.length === 0;
const joined = (...texts: string[]) => texts.filter((text) => text !== '').join('\n\n');

function written(message: { text: string; files: Attached[] }): QueuedMessage {
  return { text: message.text, attachments: message.files.flatMap(({ view }) => view ?? []) };
}

function read({ text, attachments }: QueuedMessage): Queued {
  return { key: ++last, text, files: attachments.map((view) => Attached.kept(view)) };
}

/** What stands in the composer of one chat. No text that was typed is lost by anything it does. */
export class ComposerState {
  id = $state<string | null>(null);
  target = $state.raw<ChatTarget | null>(null);
  /** The route that is asked where its model fails, as long as its chat is not begun. */
  fallbackRouteId = $state<string | null>(null);
  queue = $state.raw<Queued[]>([]);
  paused = $state<Pause | null>(null);
  /** The message typed ahead that stands in the field to be changed. */
  editing = $state<number | null>(null);
  setup = $state.raw<ChatSetup>(emptySetup());
  /** Why the setup was not taken. */
  setupError = $state.raw<BackendError | null>(null);
  readonly forecast: Forecast;

  #text = $state('');
  #files = $state.raw<Attached[]>([]);
  #walk = $state.raw<Walk | null>(null);
  /** What stood in the field before a message typed ahead was taken back into it. */
  #aside: { text: string; files: Attached[] } | null = null;
  #inFlight = $state.raw<Queued | null>(null);
  /** Texts that left the field unsent; a walk finds them. */
  #left: string[] = [];
  /** The last message that did not go out went back to the head of the line, not into the field. */
  #backInLine = false;
  /** The same, from before the last message that went out. */
  #leftBefore: string[] = [];
  #restored = false;
  readonly #around: Surroundings;
  readonly #draftKept: Keeper;
  readonly #setupKept: Keeper;

  constructor(around: Surroundings, id: string | null) {
    const { backend, complain } = around;
    this.#around = around;
    this.id = id;
    this.forecast = new Forecast(backend, () => this.#estimateInput());
    this.#draftKept = new Keeper(
      () => backend.saveDraft(this.id, this.draft),
      (failure) => failure !== null && complain(failure),
    );
    this.#setupKept = new Keeper(
      async () => {
        if (this.id !== null) await backend.setUpChat(this.id, this.setup);
      },
      (failure) => (this.setupError = failure === null ? null : asBackendError(failure)),
    );
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    if (text === this.#text) return;
    this.#text = text;
    // With nothing to come back to, what was recalled becomes the draft.
    if (this.#walk?.draft === '') this.#endWalk(false);
    this.#changed();
  }

  get files(): Attached[] {
    return this.#files;
  }

  /** A recalled message, as it was sent. */
  get recalled(): boolean {
    return this.#walk !== null && this.#walk.asSent(this.#text);
  }

  get walking(): boolean {
    return this.#walk !== null;
  }

  get sending(): boolean {
    return this.#inFlight !== null;
  }

  get empty(): boolean {
    return blank(this.#text, this.#files);
  }

  /** Nothing here would be missed. */
  get idle(): boolean {
    const open = this.#inFlight !== null || this.#walk !== null || this.editing !== null;
    const left = this.#left.length + this.#leftBefore.length + this.queue.length;
    const unsaved = this.#draftKept.unsaved || this.#setupKept.unsaved;
    return this.empty && !open && left === 0 && !unsaved;
  }

  /** Takes in what the store has of this chat, once; what was typed since stays. */
  restore(draft: Draft, setup: ChatSetup | null): void {
    if (setup !== null && !this.#setupKept.unsaved) this.setup = setup;
    if (this.#restored) return;
    this.#restored = true;
    this.absorb(draft);
    if (this.queue.length > 0 && !this.#around.busy(this.id)) this.paused = 'waiting';
  }

  /** Puts a draft before what stands here. */
  absorb(draft: Draft): void {
    const files = draft.attachments.map((view) => Attached.kept(view));
    this.queue = [...draft.queued.map(read), ...this.queue];
    if (this.#aside) {
      this.#aside = { text: joined(draft.text, this.#aside.text), files: [...files, ...this.#aside.files] };
    } else {
      this.#text = joined(draft.text, this.#text);
      this.#files = [...files, ...this.#files];
    }
    for (const file of [...files, ...this.queue.flatMap((message) => message.files)])
      void file.show(this.#around.backend);
  }

  /** All that is not sent, as it is kept. */
  get draft(): Draft {
    const field = { text: this.#unsent(), files: this.#files };
    const { text, attachments } = written(this.#aside ?? field);
    const queued = this.queue.map((message) =>
      written(message.key === this.editing ? { text: this.#text, files: this.#files } : message),
    );
    return { text, attachments, queued };
  }

  async attach(file: File): Promise<Attached> {
    const attached = new Attached(file.name, file.size);
    this.#files = [...this.#files, attached];
    await attached.read(file, this.#around.backend);
    const same = this.#files.some((other) => other !== attached && other.view?.id === attached.view?.id);
    if (attached.view !== null && same) this.#files = this.#files.filter((other) => other !== attached);
    this.#changed();
    return attached;
  }

  /** Shows that something was not taken, and why. */
  refuseFile(name: string, fault: FileFault): void {
    this.#files = [...this.#files, Attached.refused(name, fault)];
  }

  detach(key: number): void {
    this.#files.find((file) => file.key === key)?.forget();
    this.#files = this.#files.filter((file) => file.key !== key);
    this.#changed();
  }

  /** Enter: sends, or puts behind the others while a reply runs. Says which, or that there was nothing. */
  submit(overBudget = false): 'sent' | 'queued' | 'changed' | null {
    if (this.editing !== null) return this.#finishEditing();
    if (this.empty || this.#files.some((file) => file.view === null)) return null;
    const message = { key: ++last, text: this.#text.trim(), files: this.#files };
    const rest = this.#walk?.draft ?? '';
    this.#endWalk(false);
    this.#text = rest;
    this.#files = [];
    if (this.#waiting) {
      this.queue = [...this.queue, message];
      this.#changed();
      return 'queued';
    }
    void this.#dispatch(message, overBudget, () => this.#giveBack(message));
    return 'sent';
  }

  goOn(overBudget = false): void {
    this.paused = null;
    this.#advance(overBudget);
  }

  /** Sends the message that a budget held back, as it stands now. */
  sendAnyway(): void {
    if (this.#backInLine) this.goOn(true);
    else this.submit(true);
  }

  /** A reply of this chat ended. */
  settled(status: MessageStatus): void {
    this.paused = PAUSES[status] ?? this.paused;
    this.#advance();
  }

  /** Takes a message typed ahead back into the field. */
  edit(key: number): void {
    if (this.editing === key) return;
    if (this.editing !== null && this.#finishEditing() === null) return;
    const message = this.queue.find((known) => known.key === key);
    if (!message) return;
    this.stopWalking();
    this.#aside = { text: this.#text, files: this.#files };
    this.#text = message.text;
    this.#files = message.files;
    this.editing = key;
    this.forecast.soon();
  }

  /** Leaves a message typed ahead as it was. */
  cancelEditing(): void {
    this.#closeEditing(true);
    this.#advance();
  }

  /** Takes a message typed ahead out. The way back is what is returned. */
  remove(key: number): (() => void) | null {
    if (this.editing === key) this.#closeEditing(true);
    const at = this.queue.findIndex((message) => message.key === key);
    const message = this.queue[at];
    if (!message) return null;
    this.queue = this.queue.filter((other) => other !== message);
    this.#leave(message.text);
    this.#changed();
    this.#advance();
    return () => {
      if (!this.#waiting) this.paused ??= 'waiting';
      this.queue = [...this.queue.slice(0, at), message, ...this.queue.slice(at)];
      this.#changed();
    };
  }

  move(key: number, by: -1 | 1): boolean {
    const at = this.queue.findIndex((message) => message.key === key);
    const message = this.queue[at];
    const other = this.queue[at + by];
    if (!message || !other) return false;
    const queue = [...this.queue];
    queue[at] = other;
    queue[at + by] = message;
    this.queue = queue;
    this.#changed();
    return true;
  }

  /** One step through what was sent, back for -1. */
  recall(by: -1 | 1, sent: () => string[]): boolean {
    if (this.editing !== null || (this.#walk === null && by === 1)) return false;
    const walk = this.#walk ?? new Walk([...this.#leftBefore, ...sent(), ...this.#left], this.#text);
    const text = walk.step(by, this.#text);
    if (text === null) return false;
    this.#walk = walk;
    if (walk.atDraft) this.#endWalk();
    this.#text = text;
    this.forecast.soon();
    return true;
  }

  /** Back to what was not sent. */
  stopWalking(): void {
    const walk = this.#walk;
    if (!walk) return;
    this.#endWalk();
    this.#text = walk.draft;
    this.#changed();
  }

  change(setup: Partial<ChatSetup>): void {
    this.setup = { ...this.setup, ...setup };
    this.#setupKept.changed();
    this.forecast.soon();
  }

  /** Writes what is not written yet; done when the store has it. */
  async flush(): Promise<void> {
    await Promise.all([this.#draftKept.flush(), this.#setupKept.flush()]);
  }

  /** Writes the draft though nothing was typed: the store may have an older one. */
  keep(): void {
    this.#draftKept.changed();
    void this.#draftKept.flush();
  }

  /** The store this came from is closed, or another composer has all of it. */
  close(): void {
    this.#draftKept.close();
    this.#setupKept.close();
    this.forecast.rest();
    for (const file of [...this.#files, ...this.queue.flatMap((message) => message.files)]) file.forget();
  }

  get #waiting(): boolean {
    return this.#inFlight !== null || this.#around.busy(this.id);
  }

  #advance(overBudget = false): void {
    const [head] = this.queue;
    if (!head) this.paused = null;
    if (!head || this.paused !== null || this.editing === head.key || this.#waiting) return;
    this.queue = this.queue.slice(1);
    void this.#dispatch(head, overBudget, () => {
      this.queue = [head, ...this.queue];
      this.#backInLine = true;
    });
  }

  async #dispatch(message: Queued, overBudget: boolean, putBack: () => void): Promise<void> {
    const began = this.id === null;
    const setup = began || this.#setupKept.unsaved ? this.setup : null;
    const attachments = message.files.flatMap(({ view }) => view?.id ?? []);
    this.#inFlight = message;
    this.#backInLine = false;
    // Until it is known whether it went out, the store keeps the draft it has.
    this.#draftKept.hold();
    const receipt = await this.#around.deliver(this, { text: message.text, attachments, setup, overBudget });
    this.#inFlight = null;
    this.#draftKept.letGo();
    if (receipt === null) {
      putBack();
      if (this.queue.length > 0) this.paused ??= 'notSent';
      this.keep();
      this.#around.returned(this);
      return;
    }
    for (const file of message.files) file.forget();
    if (setup !== null && setup === this.setup) this.#setupKept.saved();
    this.id = receipt.summary.id;
    this.#leftBefore = [...this.#leftBefore, ...this.#left];
    this.#left = [];
    this.#around.sent(this, message.text, began);
    this.keep();
    this.forecast.now();
    this.#advance();
  }

  /** What did not go out stands before what was typed since. */
  #giveBack({ text, files }: Queued): void {
    if (this.#aside) {
      this.#aside = { text: joined(text, this.#aside.text), files: [...files, ...this.#aside.files] };
      return;
    }
    this.stopWalking();
    this.#text = joined(text, this.#text);
    this.#files = [...files, ...this.#files];
  }

  #finishEditing(): 'changed' | null {
    const key = this.editing;
    if (this.#files.some((file) => file.view === null)) return null;
    const changed = { text: this.#text.trim(), files: this.#files };
    if (blank(changed.text, changed.files)) {
      if (key !== null) this.remove(key);
      return 'changed';
    }
    this.queue = this.queue.map((message) => (message.key === key ? { ...message, ...changed } : message));
    this.#closeEditing(false);
    this.#advance();
    return 'changed';
  }

  #closeEditing(leave: boolean): void {
    const message = this.queue.find((known) => known.key === this.editing);
    if (!message) return;
    if (leave && this.#text !== message.text) this.#leave(this.#text);
    this.#text = this.#aside?.text ?? '';
    this.#files = this.#aside?.files ?? [];
    this.#aside = null;
    this.editing = null;
    this.#changed();
  }

  #unsent(): string {
    const walk = this.#walk;
    if (!walk) return this.#text;
    return walk.asSent(this.#text) ? walk.draft : joined(this.#text, walk.draft);
  }

  /** With `keep`, what stands in the field now stays within reach too. */
  #endWalk(keep = true): void {
    const walk = this.#walk;
    this.#walk = null;
    for (const text of walk?.changes(this.#text) ?? []) if (keep || text !== this.#text) this.#leave(text);
  }

  #leave(text: string): void {
    if (text.trim() !== '' && this.#left.at(-1) !== text) this.#left.push(text);
  }

  #changed(): void {
    this.#draftKept.changed();
    this.forecast.soon();
  }

  #estimateInput(): EstimateInput | null {
    const { id, target, setup } = this;
    if (target === null) return null;
    const attachments = this.#files.flatMap(({ view }) => view?.id ?? []);
    return { conversationId: id, target: { ...target }, text: this.#text, attachments, setup };
  }
}
