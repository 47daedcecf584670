import { tick } from 'svelte';
import { t } from '$lib/i18n/en';
import type {
  ChatTarget,
  CompareFormat,
  JudgementInput,
  MergeMode,
  MessageView,
  TurnView,
} from '$lib/ipc/bindings';
import { asBackendError } from '$lib/ipc/errors';
import { inField } from '$lib/keys/shortcuts';
import type { App } from '$lib/state/app.svelte';
import { newCompare } from '$lib/state/compareChanges';
import { best, columnOf, equal, isBest, placed, ranked, rankOf, undone } from '$lib/state/compare/judging';
import type { Rates } from '$lib/state/compare/figures';
import { MOST_LANES } from '$lib/state/compare/lanes';
import { asTable } from '$lib/state/compare/table';
import type { OpenCompare } from '$lib/state/compare/openCompare.svelte';
import type { Session } from '$lib/state/session.svelte';
import { answerText } from '$lib/stream/text';
import { askedBy } from '$lib/targets';
import { copyText } from '$lib/ui/clipboard';
import { nameOf } from '$lib/prompt/chosen';
import {
  columnMarks,
  columnsOf,
  isHidden,
  isLive,
  isMergeable,
  tableColumn,
  type Column,
  type Who,
} from './columns';

/** What a model is chosen for. */
export type Picking =
  { for: 'add' } | { for: 'change'; lane: number } | { for: 'retry'; messageId: string } | { for: 'merge' };

const OTHER_KEYS: Record<string, (deck: Deck) => void> = {
  r: (deck) => deck.rank(),
  g: (deck) => void deck.allEqual(false),
  b: (deck) => void deck.allEqual(true),
};

/** The comparison as it lies on the screen: its columns, where the reader is, and what they make of it. */
export class Deck {
  /** The column that has the keyboard. */
  focus = $state(0);
  /** The ranking that is being given, as far as it is. */
  ranking = $state.raw<string[][] | null>(null);
  /** Columns that were taken out are shown, too. */
  showGone = $state(false);
  /** The clock, four times a second while something is written. */
  now = $state(Date.now());
  picking = $state.raw<Picking | null>(null);
  /** The lane whose parameters are open. */
  settingUp = $state<number | null>(null);
  mergeMode = $state<MergeMode>('fuse');
  readonly app: App;
  readonly session: Session;
  readonly columns = $derived.by(() =>
    columnsOf(this.compare, this.compare.turn, (target) => this.who(target), this.showGone),
  );
  readonly hidden = $derived.by(() => isHidden(this.compare.turn));
  readonly marks = $derived.by(() => columnMarks(this.columns, this.hidden));
  /** Answers are still being written that may do better than those that are done; a merge is none of them. */
  readonly racing = $derived(this.columns.some(({ merged, message }) => !merged && isLive(message)));
  readonly live = $derived(this.columns.filter(({ message }) => isLive(message)).length);

  constructor(app: App, session: Session) {
    this.app = app;
    this.session = session;
  }

  get compare(): OpenCompare {
    return this.session.compare.open;
  }

  get turn(): TurnView | null {
    return this.compare.turn;
  }

  /** Columns of the lanes, without merges. */
  get own(): Column[] {
    return this.columns.filter(({ merged }) => !merged);
  }

  who(target: ChatTarget | null): Who {
    const { providers, routes } = this.session;
    if (target === null)
      return {
        name: t.compare.lane.lost,
        provider: t.compare.lane.lostHint,
        mark: null,
        category: null,
        route: false,
      };
    if (target.kind === 'route') {
      const route = routes.byId(target.routeId);
      const asks = route ? askedBy(route, target.model, providers.items).length : 0;
      return {
        name: nameOf(target, undefined, route) ?? '',
        provider: route ? t.fallback.providers(asks) : t.compare.lane.lostHint,
        mark: null,
        category: null,
        route: true,
      };
    }
    const provider = providers.byId(target.providerId);
    return {
      name: target.model,
      provider: provider?.name ?? t.compare.lane.lostHint,
      mark: provider?.mark ?? null,
      category: provider?.category ?? null,
      route: false,
    };
  }

  /** What the tokens of an answer under way cost: as reckoned before, else as its provider lists it. */
  ratesOf(message: MessageView): Rates | null {
    const known = this.compare.rates(message.id);
    if (known) return known;
    const last = message.attempts.at(-1);
    const provider = last ? this.session.providers.byId(last.providerId) : undefined;
    const model = provider?.models.find(({ id }) => id === last?.model);
    return model ? { inputTokens: 0, inputRate: model.inputNano, outputRate: model.outputNano } : null;
  }

  // Where the reader is

  focusOn(at: number): void {
    const most = this.columns.length - 1;
    this.focus = Math.max(0, Math.min(at, most));
    const column = this.columns[this.focus];
    if (!column) return;
    void tick().then(() => {
      const lane = document.querySelector<HTMLElement>(`[data-column="${CSS.escape(column.key)}"]`);
      lane?.focus({ preventScroll: true });
      lane?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
  }

  step(by: -1 | 1): void {
    this.focusOn(this.focus + by);
  }

  jump(messageId: string): void {
    const at = this.columns.findIndex(({ answer }) => answer?.versions.includes(messageId));
    if (at >= 0) this.focusOn(at);
  }

  // Lanes

  pick(picking: Picking, opener?: HTMLElement): void {
    if (picking.for === 'add' && this.compare.lanes.length >= MOST_LANES) return;
    this.picking = picking;
    this.app.pickerOpener = opener ?? (document.activeElement as HTMLElement);
    this.app.picker = { retry: null };
  }

  async picked(target: ChatTarget): Promise<void> {
    const { compare, picking } = this;
    this.app.picker = null;
    this.picking = null;
    if (picking?.for === 'add') {
      compare.add(target);
      this.focusOn(this.own.length - 1);
    } else if (picking?.for === 'change') compare.change(picking.lane, { target });
    else if (picking?.for === 'retry') await compare.retry(picking.messageId, target);
    else if (picking?.for === 'merge') await this.mergeWith(target);
  }

  /** What the model picker marks as chosen. */
  get current(): ChatTarget | null {
    const { picking, compare } = this;
    if (picking?.for === 'merge') return this.merger;
    if (picking?.for === 'change')
      return compare.lanes.find(({ key }) => key === picking.lane)?.target ?? null;
    const answered = picking?.for === 'retry' ? compare.placeOf(picking.messageId)?.answer : null;
    return compare.lanes.find(({ id }) => id === answered?.laneId)?.target ?? null;
  }

  /** What choosing a model does, on the button of the picker. */
  get verb(): string {
    const { picks } = t.compare.lane;
    return picks[this.picking?.for ?? 'add'];
  }

  remove({ lane, name }: Column): void {
    if (!lane) return;
    const words = t.compare.lane;
    const back = this.compare.remove(lane.key);
    if (!back) {
      this.app.toasts.show(words.tooFew);
      return;
    }
    this.app.undoable(words.gone(name), async () => back());
    this.focusOn(Math.max(0, this.focus - 1));
  }

  move({ lane, name }: Column, by: -1 | 1): void {
    if (!lane) return;
    this.compare.move(lane.key, by);
    const at = this.compare.lanes.findIndex(({ key }) => key === lane.key);
    this.app.announcement = t.compare.lane.moved(name, at + 1, this.compare.lanes.length);
    this.focusOn(this.columns.findIndex((one) => one.lane?.key === lane.key));
  }

  async goOnWith(messageId: string): Promise<void> {
    const { id } = this.compare;
    try {
      const view = await this.app.backend.branchOff(messageId);
      this.app.showChat(view);
      this.app.toasts.show(t.messages.branched, {
        ...(id ? { action: { label: t.messages.back, run: () => void this.app.openChat(id) } } : {}),
      });
      await tick();
      this.app.focusComposer();
    } catch (thrown) {
      this.app.complain(thrown);
    }
  }

  shareFrom(messageId: string): void {
    const { prompt } = this.compare;
    prompt.leaveRewriting();
    prompt.sharedFrom = messageId;
    prompt.soon();
    this.app.focusComposer();
  }

  rewrite(): void {
    const { turn, compare } = this;
    const asked = turn && compare.promptOf(turn);
    if (!turn || !asked) return;
    const files = asked.parts.flatMap(({ attachment }) => attachment ?? []);
    compare.prompt.rewrite(turn.id, compare.promptText(turn), files);
    this.app.focusComposer();
  }

  // Judging

  /** Answers that can be judged: those of lanes that are over and say something. */
  get judged(): Column[] {
    return this.own.filter(({ message }) => message && !isLive(message) && answerText(message) !== '');
  }

  nameOfAnswer(messageId: string): string {
    return (
      this.columns.find(({ answer }) => answer?.versions.includes(messageId))?.name ?? t.compare.lane.someone
    );
  }

  async #judge(input: JudgementInput, said: string): Promise<void> {
    const { turn } = this;
    if (!turn) return;
    if (await this.compare.judge(turn.id, input)) this.app.announcement = said;
  }

  async best({ message }: Column): Promise<void> {
    const { turn } = this;
    if (!turn || !message) return;
    const words = t.compare.judge.said;
    const back = isBest(turn.judgement, message.id);
    await this.#judge(best(turn.judgement, message.id), '');
    this.app.announcement = back ? words.back : words.best(this.nameOfAnswer(message.id));
  }

  async allEqual(bad: boolean): Promise<void> {
    const ids = this.judged.flatMap(({ message }) => message?.id ?? []);
    if (!this.turn || ids.length < 2) return;
    const tag = bad ? t.compare.judge.badTag : null;
    this.ranking = null;
    await this.#judge(equal(this.turn.judgement, ids, tag), t.compare.judge.said.equal);
  }

  async takeBack(): Promise<void> {
    const judgement = this.turn?.judgement;
    if (judgement) await this.#judge(ranked(judgement, []), t.compare.judge.said.back);
  }

  async describe(part: Pick<JudgementInput, 'note' | 'tags'>): Promise<void> {
    await this.#judge({ ranks: this.turn?.judgement?.ranks ?? [], ...part }, '');
  }

  rank(): void {
    if (this.judged.length < 2) return;
    this.ranking = this.ranking === null ? [] : null;
    if (this.ranking !== null) this.app.announcement = t.compare.judge.ranking;
  }

  async keepRanking(): Promise<void> {
    const { ranking } = this;
    this.ranking = null;
    if (ranking && ranking.length > 0)
      await this.#judge(ranked(this.turn?.judgement ?? null, ranking), t.compare.judge.said.ranked);
  }

  async reveal(): Promise<void> {
    if (this.turn) await this.compare.reveal(this.turn.id);
  }

  /** The place of a column, in what is being given or was given. */
  placeOf({ message }: Column): number | null {
    const ranks = this.ranking ?? this.turn?.judgement?.ranks ?? [];
    return message ? rankOf(ranks, message.id) : null;
  }

  /** Puts a column into the ranking that is being given. */
  place(column: Column, beside: boolean): void {
    const { message, name } = column;
    if (!message || !this.judged.some(({ key }) => key === column.key)) {
      this.app.announcement = t.compare.judge.said.notDone(name);
      return;
    }
    this.ranking = placed(this.ranking ?? [], message.id, beside);
    const at = rankOf(this.ranking, message.id);
    if (at !== null) this.app.announcement = t.compare.judge.said.placed(name, at);
  }

  /** A key that judges. True where it meant something. */
  key(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return false;
    if (inField(event.target) || this.turn === null) return false;
    const { ranking } = this;
    if (ranking !== null) {
      const rest: Record<string, () => void> = {
        Enter: () => void this.keepRanking(),
        Escape: () => (this.ranking = null),
        Backspace: () => (this.ranking = undone(ranking)),
      };
      const act = rest[event.key];
      // Enter on a button presses that.
      const pressed = event.key === 'Enter' && event.target instanceof HTMLButtonElement;
      if (act && !pressed) {
        act();
        return true;
      }
    }
    const at = columnOf(event);
    const column = at === null ? undefined : this.own[at];
    if (column) {
      if (ranking !== null) this.place(column, event.shiftKey);
      else if (!this.judged.some(({ key }) => key === column.key))
        this.app.announcement = t.compare.judge.said.notDone(column.name);
      else void this.best(column);
      return true;
    }
    const other = event.shiftKey ? undefined : OTHER_KEYS[event.key.toLowerCase()];
    if (!other || this.judged.length < 2) return false;
    other(this);
    return true;
  }

  // Merging

  /** Whom the merges are made by: as last time, else the first lane's model. */
  get merger(): ChatTarget | null {
    const kept = this.session.preferences.get('compare-merger');
    if (kept && this.session.offers(kept)) return kept;
    return this.compare.lanes.find(({ target }) => target !== null)?.target ?? null;
  }

  /** Columns that are ticked for a merge. */
  get ticked(): Column[] {
    return this.own.filter(({ key, message }) => isMergeable(message) && !this.compare.unticked.has(key));
  }

  get sources(): string[] {
    return this.ticked.flatMap(({ message }) => (message && !isLive(message) ? message.id : []));
  }

  async merge(): Promise<void> {
    const { merger, sources } = this;
    if (!merger || sources.length < 2) return;
    await this.compare.merge(sources, this.mergeMode, merger);
    this.focusOn(this.columns.length - 1);
  }

  async mergeWith(target: ChatTarget): Promise<void> {
    try {
      await this.session.preferences.set('compare-merger', target);
    } catch (thrown) {
      this.app.complain(thrown);
    }
  }

  // What becomes of it

  compareTwo(first?: Column): void {
    const both = this.columns.filter(({ message }) => message && answerText(message) !== '');
    const left = first ?? both[this.focus] ?? both[0];
    const right = both.find(({ key }) => key !== left?.key);
    if (!left || !right) return;
    const answers = both.map(({ key, name, message }) => ({
      id: key,
      label: name,
      text: message ? answerText(message) : '',
    }));
    this.session.compare.diffing = { answers, left: left.key, right: right.key };
  }

  async copyTable(): Promise<void> {
    const { turn, compare } = this;
    if (!turn) return;
    const text = asTable(compare.promptText(turn), this.columns.map(tableColumn), t.compare.table.heads);
    const copied = await copyText(text);
    this.app.toasts.show(copied ? t.compare.table.copied : t.answer.copyFailed, { bad: !copied });
  }

  async export(form: CompareFormat): Promise<void> {
    const { id } = this.compare;
    if (id === null) return;
    try {
      const { path } = await this.app.backend.exportCompare(id, form);
      this.app.toasts.show(t.compare.exported.done(path), {
        action: { label: t.costs.export.copyPath, run: () => void copyText(path) },
      });
    } catch (thrown) {
      const why = t.errors.command(asBackendError(thrown));
      this.app.toasts.show(`${t.compare.exported.failed} ${why}`, { bad: true });
    }
  }

  fresh(): Promise<void> {
    return newCompare(this.app);
  }

  canRetry(message: MessageView | undefined): boolean {
    return message !== undefined && !isLive(message) && !this.compare.sending;
  }
}
