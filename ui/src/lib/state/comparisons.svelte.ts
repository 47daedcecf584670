import { keyOf } from '$lib/targets';
import type { ChatTarget, CompareSet, ConversationSummary, LaneInput } from '$lib/ipc/bindings';
import { inputsOf, laneFromInput, newLane } from './compare/lanes';
import { OpenCompare, type Surroundings } from './compare/openCompare.svelte';

/** Two answers that are to be laid side by side, word by word, among all that could be. */
export type Diffing = { answers: { id: string; label: string; text: string }[]; left: string; right: string };

type Around = Omit<Surroundings, 'keepDesk' | 'sent'> & {
  sent: (compare: OpenCompare, summary: ConversationSummary) => void;
  /** Models to begin with, where there is nothing else. */
  suggest: () => ChatTarget[];
};

/** Comparisons: the one on the screen, and the sets of lanes kept under a name. */
export class Comparisons {
  open = $state.raw<OpenCompare>() as OpenCompare;
  sets = $state.raw<CompareSet[]>([]);
  /** Set where two answers are looked at word by word. */
  diffing = $state.raw<Diffing | null>(null);
  /** An answer to go to as soon as it is there. */
  jumpTo = $state<string | null>(null);
  /** Nothing was asked yet of what is suggested: the page says what it is for. */
  suggested = $state(false);
  /** The comparison that is not begun, kept while another is looked at. */
  #desk: OpenCompare | null = null;
  #read: Promise<void> | null = null;
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
    this.open = this.#newDesk();
  }

  /** Reads the sets and what was not begun, once. */
  ready(): Promise<void> {
    return (this.#read ??= this.#readDesk().catch((thrown: unknown) => {
      this.#read = null;
      this.#around.complain(thrown);
    }));
  }

  /** The comparison that is not begun. */
  async begin(): Promise<void> {
    await this.#leave();
    this.open = this.#desk ?? this.#newDesk();
    await this.ready();
  }

  async show(id: string): Promise<OpenCompare> {
    if (this.open.id === id && !this.open.error) return this.open;
    await this.#leave();
    const compare = this.#make(null);
    this.open = compare;
    await compare.load(id);
    return compare;
  }

  setOf(compare: OpenCompare): CompareSet | undefined {
    return this.sets.find(({ id }) => id === compare.setId);
  }

  /** Whether its lanes are no longer those of its set. */
  changed(compare: OpenCompare): boolean {
    const set = this.setOf(compare);
    if (!set) return false;
    const form = (lanes: readonly LaneInput[]) =>
      JSON.stringify(
        lanes.map(({ target, fallbackRouteId, setup }) => [keyOf(target), fallbackRouteId, setup]),
      );
    return form(set.lanes) !== form(inputsOf(compare.lanes));
  }

  /** Takes the lanes of a set. */
  use(compare: OpenCompare, set: CompareSet): void {
    compare.setId = set.id;
    compare.setLanes(set.lanes.map(laneFromInput), true);
    this.suggested = false;
  }

  /** Keeps the lanes under a name; with an id it is that set's. Rejects with why not. */
  async save(compare: OpenCompare, name: string, id: string | null): Promise<CompareSet> {
    const lanes = inputsOf(compare.lanes).map((lane) => ({ ...lane, id: null, asked: true }));
    const set = await this.#around.backend.saveCompareSet({ id, name, lanes });
    this.#putSet(set);
    compare.setId = set.id;
    compare.touched();
    return set;
  }

  async rename(set: CompareSet, name: string): Promise<void> {
    this.#putSet(await this.#around.backend.saveCompareSet({ ...set, name }));
  }

  /** Deletes a set. The way back makes it anew. */
  async remove(set: CompareSet): Promise<() => Promise<void>> {
    await this.#around.backend.removeCompareSet(set.id);
    this.sets = this.sets.filter(({ id }) => id !== set.id);
    return async () => {
      const { name, lanes } = set;
      this.#putSet(await this.#around.backend.saveCompareSet({ id: null, name, lanes }));
    };
  }

  async flush(): Promise<void> {
    await Promise.all([this.open.flush(), this.#desk?.flush()]);
  }

  close(): void {
    this.open.close();
    this.#desk?.close();
  }

  #putSet(set: CompareSet): void {
    const known = this.sets.some(({ id }) => id === set.id);
    this.sets = known ? this.sets.map((one) => (one.id === set.id ? set : one)) : [...this.sets, set];
  }

  async #leave(): Promise<void> {
    const { open } = this;
    if (open.id === null) this.#desk = open;
    else void open.leave().catch((thrown: unknown) => this.#around.complain(thrown));
  }

  #newDesk(): OpenCompare {
    const { backend } = this.#around;
    const desk: OpenCompare = this.#make(() =>
      backend.saveCompareDesk({
        setId: desk.setId,
        lanes: inputsOf(desk.lanes),
        blind: desk.blind,
        draft: desk.prompt.draft,
      }),
    );
    this.#desk = desk;
    return desk;
  }

  #make(keepDesk: Surroundings['keepDesk']): OpenCompare {
    const { backend, runs, complain, sent } = this.#around;
    const compare: OpenCompare = new OpenCompare({
      backend,
      runs,
      complain,
      keepDesk,
      sent: (summary) => {
        // It is begun: the next one gets a desk of its own, with the same lanes.
        if (this.#desk === compare) {
          this.#desk = null;
          this.#read = null;
          this.suggested = false;
        }
        sent(compare, summary);
      },
    });
    return compare;
  }

  async #readDesk(): Promise<void> {
    const { backend, suggest } = this.#around;
    const desk = this.#desk ?? this.#newDesk();
    if (this.open.id === null) this.open = desk;
    const [sets, kept] = await Promise.all([backend.listCompareSets(), backend.compareDesk()]);
    this.sets = sets;
    if (this.#desk !== desk || desk.lanes.length > 0) return;
    desk.setId = sets.some(({ id }) => id === kept.setId) ? kept.setId : null;
    desk.blind = kept.blind;
    desk.prompt.restore(kept.draft);
    desk.lanes = kept.lanes.map(laneFromInput);
    if (desk.lanes.length === 0) {
      desk.lanes = suggest().map((target) => newLane(target));
      this.suggested = desk.lanes.length > 0;
    }
    desk.prompt.soon();
  }
}
