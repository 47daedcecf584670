import type { Backend } from '$lib/ipc/backend';
import type { RelayView } from '$lib/ipc/bindings';

/** A prompt is there a moment after its run has begun, not with it. */
const FIRST_LOOK_MS = 120;
const LAST_LOOK_MS = 4000;

/** What a person chose and typed for a prompt; it outlives the panel, which goes when they scroll away. */
export class RelayDraft {
  text = $state('');
  /** Null while the person has not chosen. */
  whole = $state<boolean | null>(null);
}

/** The prompts that wait for the person to carry them to a web chat. */
export class Relays {
  items = $state.raw<RelayView[]>([]);

  readonly #backend: Pick<Backend, 'relays' | 'answerRelay'>;
  readonly #said: (relay: RelayView) => void;
  readonly #complain: (thrown: unknown) => void;
  /** Messages whose prompt is expected, and how long the next look waits. */
  readonly #expected = new Map<string, number>();
  /** Answered or stopped here: a list from before that would bring them back. */
  readonly #gone = new Set<string>();
  readonly #drafts = new Map<string, RelayDraft>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #era = 0;
  #closed = false;

  constructor(
    backend: Pick<Backend, 'relays' | 'answerRelay'>,
    /** A prompt has come that was not there. */
    said: (relay: RelayView) => void,
    complain: (thrown: unknown) => void,
  ) {
    this.#backend = backend;
    this.#said = said;
    this.#complain = complain;
  }

  of(messageId: string): RelayView | null {
    return this.items.find((relay) => relay.messageId === messageId) ?? null;
  }

  draftOf(messageId: string): RelayDraft {
    let draft = this.#drafts.get(messageId);
    if (!draft) {
      draft = new RelayDraft();
      this.#drafts.set(messageId, draft);
    }
    return draft;
  }

  /** Whether a chat waits for the person. */
  waits(conversationId: string): boolean {
    return this.items.some((relay) => relay.conversationId === conversationId);
  }

  async load(): Promise<void> {
    const era = ++this.#era;
    const all = await this.#backend.relays();
    if (era !== this.#era || this.#closed) return;
    const items = all.filter(({ messageId }) => !this.#gone.has(messageId));
    const before = new Set(this.items.map(({ messageId }) => messageId));
    this.items = items;
    for (const relay of items) {
      this.#expected.delete(relay.messageId);
      if (!before.has(relay.messageId)) this.#said(relay);
    }
  }

  /** A message began to wait for a person: its prompt comes. */
  expect(messageId: string): void {
    if (this.of(messageId) || this.#gone.has(messageId) || this.#closed) return;
    this.#expected.set(messageId, FIRST_LOOK_MS);
    void this.#look();
  }

  /** A message waits no longer. */
  settled(messageId: string): void {
    this.#expected.delete(messageId);
    this.#gone.add(messageId);
    this.#drafts.delete(messageId);
    if (this.of(messageId)) this.items = this.items.filter((relay) => relay.messageId !== messageId);
  }

  async answer(messageId: string, text: string): Promise<void> {
    await this.#backend.answerRelay(messageId, text);
    this.settled(messageId);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#expected.clear();
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      await this.load();
    } catch (thrown) {
      this.#expected.clear();
      this.#complain(thrown);
    }
    const waits = [...this.#expected.values()];
    if (waits.length === 0 || this.#closed) return;
    for (const [id, wait] of this.#expected) this.#expected.set(id, Math.min(wait * 2, LAST_LOOK_MS));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), Math.min(...waits));
  }
}

/** Whether what was pasted is the prompt itself, whatever became of its blanks on the way. */
export function isPrompt(pasted: string, { last, whole }: Pick<RelayView, 'last' | 'whole'>): boolean {
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  const given = plain(pasted);
  return given !== '' && (given === plain(last) || given === plain(whole));
}
