import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { Backend } from '$lib/ipc/backend';
import type {
  ChatSetup,
  ChatTarget,
  CompareReceipt,
  CompareView,
  ConversationSummary,
  JudgementInput,
  LaneAnswer,
  LaneView,
  MergeMode,
  MessageView,
  RunReceipt,
  SpendView,
  TurnView,
} from '$lib/ipc/bindings';
import { asBackendError, type BackendError } from '$lib/ipc/errors';
import { wordsOf } from '../openChat.svelte';
import type { Runs } from '../runs.svelte';
import { Keeper } from '../composer/keeper';
import type { Rates } from './figures';
import { inputsOf, lanesFrom, LEAST_LANES, MOST_LANES, moved, newLane, type Lane } from './lanes';
import { Prompt } from './prompt.svelte';
import { Texts } from './texts.svelte';

export type Surroundings = {
  backend: Backend;
  runs: Runs;
  complain: (thrown: unknown) => void;
  /** A prompt went out, or one of its answers is asked for again. */
  sent: (summary: ConversationSummary) => void;
  /** Writes the comparison that is not begun; absent for a stored one. */
  keepDesk: (() => Promise<void>) | null;
};

/** The comparison on the screen: a stored one, or one that begins with its first prompt. */
export class OpenCompare {
  id = $state<string | null>(null);
  title = $state('');
  summary = $state.raw<ConversationSummary | null>(null);
  spend = $state.raw<SpendView | null>(null);
  lanes = $state.raw<Lane[]>([]);
  /** Taken out; their answers stay. */
  gone = $state.raw<LaneView[]>([]);
  turns = $state.raw<TurnView[]>([]);
  /** The prompt that is shown. */
  turnId = $state<string | null>(null);
  /** Names are hidden with the next prompt. */
  blind = $state(false);
  /** The set it began with. */
  setId = $state<string | null>(null);
  loading = $state(false);
  error = $state.raw<BackendError | null>(null);
  sending = $state(false);
  /** Why the last command did not go through. */
  refusal = $state.raw<BackendError | null>(null);
  /** Does once more what a budget held back, where the person may let it pass. */
  anyway = $state.raw<(() => Promise<void>) | null>(null);
  /** Versions chosen for the look, by the answer they are versions of. */
  readonly versions = new SvelteMap<string, string>();
  /** Lanes that do not go into a merge. */
  readonly unticked = new SvelteSet<string>();
  readonly prompt: Prompt;
  readonly #texts: Texts;
  readonly #rates = new Map<string, Rates>();
  readonly #around: Surroundings;
  readonly #draftKept: Keeper;
  readonly #lanesKept: Keeper;
  #closed = false;

  constructor(around: Surroundings) {
    this.#around = around;
    const { backend, complain } = around;
    this.#texts = new Texts(around);
    const heard = (failure: unknown) => {
      if (failure !== null) complain(failure);
    };
    this.#draftKept = new Keeper(async () => {
      if (this.id !== null) await backend.saveDraft(this.id, this.prompt.draft);
      else await around.keepDesk?.();
    }, heard);
    this.#lanesKept = new Keeper(() => this.#writeLanes(), heard);
    this.prompt = new Prompt(
      backend,
      () => this.id,
      () => this.lanes,
      () => this.#draftKept.changed(),
    );
  }

  async load(id: string): Promise<void> {
    this.id = id;
    this.loading = true;
    this.error = null;
    try {
      const view = await this.#around.backend.getCompare(id);
      if (!this.#closed) this.show(view);
    } catch (thrown) {
      this.error = asBackendError(thrown);
    } finally {
      this.loading = false;
    }
  }

  show(view: CompareView): void {
    const latest = this.turn === this.turns.at(-1);
    this.id = view.summary.id;
    this.title = view.summary.title;
    this.summary = view.summary;
    this.spend = view.spend;
    this.#takeLanes(view.lanes);
    this.turns = view.turns;
    for (const message of view.messages) this.#put(message);
    if (latest || !this.turns.some(({ id }) => id === this.turnId))
      this.turnId = this.turns.at(-1)?.id ?? null;
    if (!view.messages.some(({ status }) => status === 'streaming'))
      this.#around.runs.forgetSettled(view.summary.id);
    this.prompt.restore(view.draft);
    this.prompt.soon();
    void this.#fetch();
  }

  get turn(): TurnView | null {
    return this.turns.find(({ id }) => id === this.turnId) ?? this.turns.at(-1) ?? null;
  }

  get begun(): boolean {
    return this.turns.length > 0;
  }

  /** The lanes that are asked next. */
  get asked(): Lane[] {
    return this.lanes.filter((lane) => lane.asked && lane.target !== null);
  }

  get running(): boolean {
    return this.id !== null && this.#around.runs.ofConversation(this.id) !== undefined;
  }

  message(id: string): MessageView | undefined {
    return this.#texts.get(id);
  }

  has(messageId: string): boolean {
    return this.placeOf(messageId) !== null;
  }

  /** Which version of an answer is looked at. */
  shown(answer: LaneAnswer): string {
    const chosen = this.versions.get(answer.versions[0] ?? answer.messageId);
    return chosen !== undefined && answer.versions.includes(chosen) ? chosen : answer.messageId;
  }

  answerOf(answer: LaneAnswer | null): MessageView | undefined {
    return answer ? this.message(this.shown(answer)) : undefined;
  }

  /** The words of a prompt, where they are loaded. */
  promptOf(turn: TurnView): MessageView | undefined {
    return turn.prompts.map((id) => this.message(id)).find((message) => message !== undefined);
  }

  promptText(turn: TurnView): string {
    const message = this.promptOf(turn);
    return message ? wordsOf(message) : '';
  }

  rates(messageId: string): Rates | null {
    return this.#rates.get(messageId) ?? null;
  }

  placeOf(messageId: string): { turn: TurnView; answer: LaneAnswer | null } | null {
    for (const turn of this.turns) {
      if (turn.prompts.includes(messageId)) return { turn, answer: null };
      const answer = [...turn.answers, ...turn.merges].find(({ versions }) => versions.includes(messageId));
      if (answer) return { turn, answer };
    }
    return null;
  }

  lookAt(turnId: string): void {
    this.turnId = turnId;
    void this.#fetch();
  }

  /** One prompt on, or back for -1. */
  step(by: -1 | 1): void {
    const at = this.turns.findIndex(({ id }) => id === this.turn?.id);
    const next = this.turns[at + by];
    if (next) this.lookAt(next.id);
  }

  chooseVersion(answer: LaneAnswer, messageId: string): void {
    this.versions.set(answer.versions[0] ?? answer.messageId, messageId);
    void this.#fetch();
  }

  /** Lets a live answer grow on the screen. */
  follow(message: MessageView): void {
    if (this.has(message.id)) this.#put(message);
  }

  /** The row, title and money as they are after something ended. */
  settled(summary: ConversationSummary, spend: SpendView): void {
    this.summary = summary;
    this.title = summary.title;
    // Answers that end together may tell of it in any order.
    if (spend.entries >= (this.spend?.entries ?? 0)) this.spend = spend;
  }

  // Lanes

  add(target: ChatTarget, setup?: ChatSetup): boolean {
    if (this.lanes.length >= MOST_LANES) return false;
    this.setLanes([...this.lanes, newLane(target, setup)], true);
    return true;
  }

  change(key: number, part: Partial<Omit<Lane, 'key' | 'id'>>): void {
    this.setLanes(this.lanes.map((lane) => (lane.key === key ? { ...lane, ...part } : lane)));
  }

  move(key: number, by: -1 | 1): void {
    const at = this.lanes.findIndex((lane) => lane.key === key);
    this.setLanes(moved(this.lanes, at, by), true);
  }

  /** Takes a lane out. The way back is what is returned; absent where too few would be left. */
  remove(key: number): (() => void) | null {
    const before = this.lanes;
    if (this.begun && before.length <= LEAST_LANES) return null;
    this.setLanes(
      before.filter((lane) => lane.key !== key),
      true,
    );
    return () => this.setLanes(before, true);
  }

  setLanes(lanes: Lane[], atOnce = false): void {
    this.lanes = lanes;
    if (this.id !== null && lanes.length < LEAST_LANES) return;
    const kept = this.id === null ? this.#draftKept : this.#lanesKept;
    kept.changed();
    if (atOnce) void kept.flush();
    this.prompt.soon();
  }

  /** Something of the comparison that is not begun is to be kept. */
  touched(): void {
    this.#draftKept.changed();
  }

  // What is asked

  /** Sends what stands in the field to the lanes that are asked. */
  async send(overBudget = false): Promise<void> {
    const { prompt } = this;
    if (this.sending || prompt.empty || prompt.blocked || this.asked.length === 0) return;
    const lanes = this.lanes.filter(({ target }) => target !== null);
    if (lanes.length < LEAST_LANES) return;
    const { replaces } = prompt;
    const reckoned = lanes.map((lane) => prompt.of(lane));
    // With its prompt it is begun, and what it was set up as is what the next one begins with.
    if (this.id === null) await this.#draftKept.flush();
    this.#draftKept.hold();
    this.#lanesKept.hold();
    try {
      const receipt = await this.#try(
        () =>
          this.#around.runs.beginAll(() =>
            this.#around.backend.sendCompare({
              conversationId: this.id,
              text: prompt.text.trim(),
              attachments: prompt.files.flatMap(({ view }) => view?.id ?? []),
              lanes: inputsOf(lanes),
              sharedFrom: prompt.sharedFrom,
              replaces,
              blind: this.blind,
              overBudget,
            }),
          ),
        () => this.send(true),
      );
      if (!receipt) return;
      this.#took(receipt, lanes, (at) => reckoned[at] ?? null);
      prompt.sent();
      this.#draftKept.saved();
      this.#lanesKept.saved();
      // What came after it is no longer there.
      if (replaces !== null) await this.load(receipt.summary.id);
    } finally {
      this.#draftKept.letGo();
      this.#lanesKept.letGo();
    }
  }

  async retry(messageId: string, target: ChatTarget | null, overBudget = false): Promise<void> {
    const receipt = await this.#begin(
      () => this.#around.backend.retry(messageId, target, overBudget),
      () => this.retry(messageId, target, true),
    );
    const message = receipt?.messages.at(-1);
    const place = this.placeOf(messageId);
    if (!message || !place?.answer) return;
    const { answer } = place;
    this.versions.delete(answer.versions[0] ?? answer.messageId);
    this.#putAnswer({
      ...answer,
      messageId: message.id,
      versions: [...answer.versions.filter((id) => id !== message.id), message.id],
    });
    const lane = this.lanes.find(({ id }) => id === answer.laneId);
    if (target !== null && lane)
      this.lanes = this.lanes.map((one) => (one === lane ? { ...one, target } : one));
  }

  /** An answer that broke off is answered anew, as a new version. */
  replaced({ summary, messages }: RunReceipt): void {
    const message = messages.at(-1);
    if (summary.id !== this.id || !message) return;
    const before = message.versions.map((id) => this.placeOf(id)?.answer).find((answer) => answer);
    this.#put(message);
    if (before) this.#putAnswer({ ...before, messageId: message.id, versions: [...message.versions] });
  }

  async goOn(messageId: string, overBudget = false): Promise<void> {
    await this.#begin(
      () => this.#around.backend.continueMessage(messageId, overBudget),
      () => this.goOn(messageId, true),
    );
  }

  async merge(sources: string[], mode: MergeMode, target: ChatTarget, overBudget = false): Promise<void> {
    const { turn } = this;
    const receipt = await this.#begin(
      () => this.#around.backend.merge({ sources, mode, target, overBudget }),
      () => this.merge(sources, mode, target, true),
    );
    const message = receipt?.messages.at(-1);
    if (!message || !turn) return;
    const merged = { laneId: `merge ${message.id}`, messageId: message.id, versions: [message.id] };
    this.#putTurn(turn.id, (now) => ({ ...now, merges: [...now.merges, merged] }));
  }

  /** Stops one answer. */
  async stop(messageId: string): Promise<void> {
    const run = this.#around.runs.ofMessage(messageId);
    if (run && !run.settled) await this.#quiet(() => this.#around.backend.stop(run.runId));
  }

  /** Stops each answer that is under way. */
  async stopAll(): Promise<void> {
    const runs = this.id === null ? [] : this.#around.runs.allOf(this.id);
    await Promise.all(runs.map(({ message }) => this.stop(message.id)));
  }

  async judge(turnId: string, input: JudgementInput): Promise<TurnView | null> {
    return this.#turned(() => this.#around.backend.judge(turnId, input));
  }

  async reveal(turnId: string): Promise<TurnView | null> {
    return this.#turned(() => this.#around.backend.revealTurn(turnId));
  }

  async flush(): Promise<void> {
    await Promise.all([this.#draftKept.flush(), this.#lanesKept.flush()]);
  }

  /** It left the screen: what is unsaved is saved. */
  async leave(): Promise<void> {
    await this.flush();
    this.close();
  }

  close(): void {
    this.#closed = true;
    this.#draftKept.close();
    this.#lanesKept.close();
    this.prompt.close();
  }

  async #turned(command: () => Promise<TurnView>): Promise<TurnView | null> {
    try {
      const turn = await command();
      this.#putTurn(turn.id, () => turn);
      return turn;
    } catch (thrown) {
      this.#around.complain(thrown);
      return null;
    }
  }

  async #quiet(command: () => Promise<void>): Promise<void> {
    try {
      await command();
    } catch (thrown) {
      this.#around.complain(thrown);
    }
  }

  async #begin(command: () => Promise<RunReceipt>, anyway: () => Promise<void>): Promise<RunReceipt | null> {
    const receipt = await this.#try(() => this.#around.runs.begin(command), anyway);
    if (!receipt) return null;
    for (const message of receipt.messages) this.#put(message);
    this.summary = receipt.summary;
    this.#around.sent(receipt.summary);
    return receipt;
  }

  async #try<T>(command: () => Promise<T>, anyway: () => Promise<void>): Promise<T | null> {
    if (this.sending) return null;
    this.sending = true;
    this.refusal = null;
    this.anyway = null;
    try {
      return await command();
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

  #took(receipt: CompareReceipt, asked: readonly Lane[], rates: (at: number) => Rates | null): void {
    const { summary, lanes, turn, messages } = receipt;
    this.id = summary.id;
    this.title = summary.title;
    this.summary = summary;
    this.#takeLanes(lanes, asked);
    for (const message of messages) this.#put(message);
    for (const answer of turn.answers) {
      const known = rates(this.lanes.findIndex(({ id }) => id === answer.laneId));
      if (known) this.#rates.set(answer.messageId, known);
    }
    this.turns = [...this.turns.filter(({ id }) => id !== turn.id), turn];
    this.turnId = turn.id;
    this.#around.sent(summary);
  }

  /** Takes over what the store calls the lanes; those that it has not named yet are known by their places. */
  #takeLanes(views: readonly LaneView[], sent: readonly Lane[] = this.lanes): void {
    const shown = views.filter(({ hidden }) => !hidden);
    const named = sent.map((lane, at) => ({ ...lane, id: lane.id ?? shown[at]?.id ?? null }));
    this.lanes = lanesFrom(views, named);
    this.gone = views.filter(({ hidden }) => hidden);
  }

  async #writeLanes(): Promise<void> {
    const { id } = this;
    if (id === null) return;
    const sent = this.lanes.filter(({ target }) => target !== null);
    const view = await this.#around.backend.setLanes(id, inputsOf(sent));
    if (this.#closed) return;
    const shown = view.lanes.filter(({ hidden }) => !hidden);
    const ids = new Map(sent.map((lane, at) => [lane.key, shown[at]?.id ?? null]));
    // What was changed since is written next, with the names that the store has given now.
    this.lanes = this.lanes.map((lane) => ({ ...lane, id: lane.id ?? ids.get(lane.key) ?? null }));
    this.gone = view.lanes.filter(({ hidden }) => hidden);
  }

  #putTurn(turnId: string, change: (turn: TurnView) => TurnView): void {
    this.turns = this.turns.map((turn) => (turn.id === turnId ? change(turn) : turn));
  }

  #putAnswer(answer: LaneAnswer): void {
    const same = (one: LaneAnswer) => one.versions[0] === answer.versions[0];
    this.turns = this.turns.map((turn) => ({
      ...turn,
      answers: turn.answers.map((one) => (same(one) ? answer : one)),
      merges: turn.merges.map((one) => (same(one) ? answer : one)),
    }));
  }

  #put(message: MessageView): void {
    this.#texts.put(message);
  }

  /** Reads what the prompt that is looked at lacks. */
  async #fetch(): Promise<void> {
    const { turn } = this;
    if (!turn) return;
    const answers = [...turn.answers, ...turn.merges].map((answer) => this.shown(answer));
    await this.#texts.fetch([...turn.prompts.slice(0, 1), ...answers]);
  }
}
