import type { Backend } from '$lib/ipc/backend';
import type { AttachmentView, CompareEstimate, Draft, LaneEstimate } from '$lib/ipc/bindings';
import { keyOf } from '$lib/targets';
import { Attached, type FileFault } from '../composer/attached.svelte';
import { Later } from '../composer/later';
import { inputsOf, type Lane } from './lanes';

const QUIET_MS = 300;

const askedOf = ({ key, target }: Lane): string => `${key} ${target ? keyOf(target) : ''}`;

/** What is asked next of a comparison, as it stands in the field. No text that was typed is lost. */
export class Prompt {
  estimate = $state.raw<CompareEstimate | null>(null);
  /** What the estimate says of each lane, by what that asks. */
  #ofLanes = $state.raw<ReadonlyMap<string, LaneEstimate>>(new Map());
  /** The answer that all lanes go on from. */
  sharedFrom = $state<string | null>(null);
  /** The prompt that is asked anew. */
  replaces = $state<string | null>(null);
  #text = $state('');
  #files = $state.raw<Attached[]>([]);
  /** What stood in the field before a prompt was taken back into it. */
  #aside: { text: string; files: Attached[] } | null = null;
  #turn = 0;
  readonly #backend: Backend;
  readonly #lanes: () => readonly Lane[];
  readonly #id: () => string | null;
  readonly #changed: () => void;
  readonly #later: Later;

  constructor(
    backend: Backend,
    id: () => string | null,
    lanes: () => readonly Lane[],
    /** It is to be kept. */
    changed: () => void,
  ) {
    this.#backend = backend;
    this.#id = id;
    this.#lanes = lanes;
    this.#changed = changed;
    this.#later = new Later(QUIET_MS, () => void this.#estimate());
  }

  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    if (text === this.#text) return;
    this.#text = text;
    this.#touched();
  }

  get files(): Attached[] {
    return this.#files;
  }

  get empty(): boolean {
    return this.#text.trim() === '' && this.#files.length === 0;
  }

  /** A file is being read, or could not be. */
  get blocked(): boolean {
    return this.#files.some((file) => file.view === null);
  }

  /** What is reckoned for a lane; nothing as long as that is of what the lane was before. */
  of(lane: Lane): LaneEstimate | null {
    return this.#ofLanes.get(askedOf(lane)) ?? null;
  }

  /** As it is kept. A prompt that is asked anew is in the store already; what stood here before it is not. */
  get draft(): Draft {
    const { text, files } = this.#aside ?? { text: this.#text, files: this.#files };
    return { text, attachments: files.flatMap(({ view }) => view ?? []), queued: [] };
  }

  restore(draft: Draft): void {
    if (!this.empty) return;
    this.#text = draft.text;
    this.#files = draft.attachments.map((view) => Attached.kept(view));
    for (const file of this.#files) void file.show(this.#backend);
  }

  async attach(file: File): Promise<Attached> {
    const attached = new Attached(file.name, file.size);
    this.#files = [...this.#files, attached];
    await attached.read(file, this.#backend);
    const same = this.#files.some((other) => other !== attached && other.view?.id === attached.view?.id);
    if (attached.view !== null && same) this.#files = this.#files.filter((other) => other !== attached);
    this.#touched();
    return attached;
  }

  /** Files that are in the store already. */
  take(views: readonly AttachmentView[]): void {
    const fresh = views.filter(({ id }) => !this.#files.some(({ view }) => view?.id === id));
    const files = fresh.map((view) => Attached.kept(view));
    this.#files = [...this.#files, ...files];
    for (const file of files) void file.show(this.#backend);
    this.#touched();
  }

  refuseFile(name: string, fault: FileFault): void {
    this.#files = [...this.#files, Attached.refused(name, fault)];
  }

  detach(key: number): void {
    this.#files.find((file) => file.key === key)?.forget();
    this.#files = this.#files.filter((file) => file.key !== key);
    this.#touched();
  }

  /** Takes a prompt back into the field, to be asked anew. */
  rewrite(turnId: string, text: string, attachments: AttachmentView[]): void {
    this.#aside ??= { text: this.#text, files: this.#files };
    this.replaces = turnId;
    this.sharedFrom = null;
    this.#text = text;
    this.#files = attachments.map((view) => Attached.kept(view));
    for (const file of this.#files) void file.show(this.#backend);
    this.soon();
  }

  /** Back to what stood here before. */
  leaveRewriting(): void {
    if (this.replaces === null) return;
    this.replaces = null;
    this.#text = this.#aside?.text ?? '';
    this.#files = this.#aside?.files ?? [];
    this.#aside = null;
    this.soon();
  }

  /** It went out. */
  sent(): void {
    for (const file of this.#files) file.forget();
    const { text, files } = this.#aside ?? { text: '', files: [] };
    this.#text = text;
    this.#files = files;
    this.#aside = null;
    this.replaces = null;
    this.sharedFrom = null;
    this.soon();
  }

  /** What it would take has changed. */
  soon(): void {
    this.#turn += 1;
    this.#later.plan();
  }

  close(): void {
    this.#turn += 1;
    this.#later.cancel();
    for (const file of this.#files) file.forget();
  }

  #touched(): void {
    if (this.replaces === null) this.#changed();
    this.soon();
  }

  async #estimate(): Promise<void> {
    const turn = ++this.#turn;
    const asked = this.#lanes().filter(({ target }) => target !== null);
    const lanes = inputsOf(asked);
    if (lanes.length === 0) {
      this.#take([], null);
      return;
    }
    try {
      const view = await this.#backend.estimateCompare({
        conversationId: this.#id(),
        text: this.#text,
        attachments: this.#files.flatMap(({ view: file }) => file?.id ?? []),
        lanes,
        sharedFrom: this.sharedFrom,
      });
      if (turn === this.#turn) this.#take(asked, view);
    } catch {
      // A guess that fails leaves it unknown; sending says why.
      if (turn === this.#turn) this.#take([], null);
    }
  }

  #take(asked: readonly Lane[], estimate: CompareEstimate | null): void {
    this.estimate = estimate;
    const each = estimate?.lanes ?? [];
    this.#ofLanes = new Map(
      asked.flatMap((lane, at): [string, LaneEstimate][] => (each[at] ? [[askedOf(lane), each[at]]] : [])),
    );
  }
}
