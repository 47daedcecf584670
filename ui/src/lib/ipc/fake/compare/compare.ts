import { toModel } from '$lib/targets';
import type { Backend } from '../../backend';
import type {
  AttachmentView,
  AttemptView,
  ChatTarget,
  CommandError,
  CompareDesk,
  CompareSet,
  LaneEstimate,
  LaneInput,
  MessageView,
  ProviderView,
  RouteView,
  RunReceipt,
  TurnView,
} from '../../bindings';
import { asBackendError, type BackendError } from '../../errors';
import { keptFile, emptyDraft } from '../composing';
import type { FakeCosts } from '../costs/costs';
import { answer, attempt, chat, fresh, userMessage, type StoredChat } from '../data';
import type { Folder } from '../folder';
import { askedFirst, planned } from '../routing';
import { refuse } from '../refuse';
import type { FakeStream } from '../stream';
import { LanePlayer, running, scriptOf } from './play';
import { compareScene } from './scenes';
import {
  comparisonOf,
  historyOf,
  lanesOf,
  newCompare,
  pathTo,
  placeOf,
  setLanes,
  spendOf,
  turnOf,
  viewOf,
  type StoredCompare,
} from './stored';
import { answerOf, mergedText } from './texts';
import { isBarren, priceOf } from './prices';

type Part = Pick<
  Backend,
  | 'getCompare'
  | 'sendCompare'
  | 'setLanes'
  | 'estimateCompare'
  | 'estimateMerge'
  | 'merge'
  | 'judge'
  | 'revealTurn'
  | 'setThumb'
  | 'listCompareSets'
  | 'saveCompareSet'
  | 'removeCompareSet'
  | 'compareDesk'
  | 'saveCompareDesk'
  | 'exportCompare'
>;

export type FakeCompare = {
  part: Part;
  /** What other commands do where a message is of a comparison; absent where it is not. */
  retry: (messageId: string, target: ChatTarget | null, overBudget: boolean) => RunReceipt | null;
  goOn: (messageId: string, overBudget: boolean) => RunReceipt | null;
  branch: (messageId: string) => StoredChat | null;
  stop: (runId: string) => boolean;
};

const copy = <T>(value: T): T => structuredClone(value);
const tokens = (text: string) => Math.ceil(text.length / 4);
const said = (message: MessageView) => message.parts.map(({ text }) => text).join('');

/** A refusal as it stands on an answer. */
function words(error: BackendError): CommandError {
  const { code, category, message, field, reason: cause, status, skipped, budgets } = error;
  return { code, category, message, field, status, cause, skipped: [...skipped], budgets: [...budgets] };
}

/**
 * Comparisons. `?script=` brings about what may happen to a lane: `fail:gemini,queue:deepseek,cut:llama,hold:claude`,
 * each for the models whose name holds the word, and only the first time. `?desk=` names what outlives the page.
 */
export function fakeCompare(
  query: URLSearchParams,
  folder: () => Folder,
  routes: () => RouteView[],
  stream: FakeStream,
  costs: FakeCosts,
  pace: number,
): FakeCompare {
  const providers = () => folder().providers;
  const player = new LanePlayer({ stream, pace, providers, book: (...all) => costs.book(...all) });
  const kept = query.get('desk');
  const before = kept === null ? null : localStorage.getItem(kept);
  const first = compareScene(query, providers, player);
  folder().chats.push(...first.chats);
  let desk: CompareDesk = before === null ? first.desk : (JSON.parse(before) as CompareDesk);
  let sets: CompareSet[] = first.sets;

  const chats = () => folder().chats;
  const open = (id: string): StoredCompare => comparisonOf(folder().chat(id));
  const holding = (messageId: string): StoredCompare | null => {
    const found = chats().find((one) => one.compare && one.messages.some(({ id }) => id === messageId));
    return found ? comparisonOf(found) : null;
  };

  function providerOf(target: ChatTarget): {
    provider: ProviderView;
    model: string;
    route: AttemptView['route'];
  } {
    const { route, target: asked } = askedFirst(folder(), routes(), target);
    const provider = providers().find(({ id }) => id === asked.providerId) ?? refuse('not_found');
    if (!provider.ready) refuse('provider', { category: 'missing_key', message: 'no key' });
    return { provider, model: asked.model, route };
  }

  function begun(target: ChatTarget, files: AttachmentView[], overBudget: boolean): AttemptView {
    const { provider, model, route } = providerOf(target);
    const can = provider.models.find(({ id }) => id === model)?.can;
    for (const { kind } of files) {
      const able =
        kind === 'image' ? can?.images : kind === 'pdf' ? can?.pdf : kind === 'audio' ? can?.audio : null;
      if (able === false || (kind === 'image' && isBarren(model)))
        refuse('invalid', { field: 'attachments', cause: `${kind === 'image' ? 'images' : kind}_refused` });
    }
    if (provider.category !== 'local')
      costs.budgets.admit({ providerId: provider.id, routeId: route?.id ?? null }, 15_600_000, overBudget);
    return attempt(provider, model, { ...running, route, startedAt: Date.now() });
  }

  /** Whom a route asks after the first. */
  function nextOf(target: ChatTarget): { provider: ProviderView; model: string } | null {
    const [, second] = planned(folder(), routes(), target).targets;
    const provider = providers().find(({ id }) => id === second?.providerId);
    return provider && second ? { provider, model: second.model } : null;
  }

  /** An answer under way, or one that says why nobody could be asked. */
  function reply(target: ChatTarget, files: AttachmentView[], overBudget: boolean): MessageView {
    try {
      return answer([begun(target, files, overBudget)], [], 'streaming');
    } catch (thrown) {
      const error = asBackendError(thrown);
      if (error.code === 'over_budget' && error.budgets.some(({ mayPass }) => mayPass)) throw error;
      return { ...answer([], [], 'failed'), refused: words(error) };
    }
  }

  function play(
    stored: StoredCompare,
    message: MessageView,
    target: ChatTarget,
    prompt: string,
    turn: number,
  ) {
    const model = message.attempts.at(-1)?.model ?? '';
    const script = target.kind === 'route' ? scriptOf(query, 'route') : scriptOf(query, model);
    const once = message.versions.length > 1 && script !== 'hold' ? null : script;
    return player.begin(stored, message, answerOf(model, prompt, turn), once, nextOf(target));
  }

  function estimateOf(target: ChatTarget, input: number, files: AttachmentView[]): LaneEstimate {
    let refused: CommandError | null = null;
    try {
      begun(target, files, true);
    } catch (thrown) {
      refused = words(asBackendError(thrown));
    }
    const { target: asked } = askedFirst(folder(), routes(), target);
    return { refused, ...priceOf(providers(), asked, input) };
  }

  const exported = (stored: StoredCompare, format: 'markdown' | 'json') => ({
    path: `/home/person/Downloads/parlance-comparison.${format === 'json' ? 'json' : 'md'}`,
    count: stored.compare.turns.length,
    keysMissing: 0,
  });

  const part: Part = {
    async getCompare(id) {
      return viewOf(open(id));
    },
    async sendCompare(input) {
      const files = input.attachments.map(keptFile);
      const asked = input.lanes.filter((lane) => lane.asked);
      if (asked.length === 0) refuse('invalid', { field: 'lanes', cause: 'empty' });
      const stored =
        input.conversationId === null ? newCompare(input.text.slice(0, 60)) : open(input.conversationId);
      const replies = new Map(asked.map((lane) => [lane, reply(lane.target, files, input.overBudget)]));
      if ([...replies.values()].every(({ refused }) => refused)) {
        const [only] = [...replies.values()].flatMap(({ refused }) => refused ?? []);
        if (only)
          refuse(only.code, { ...(only.category ? { category: only.category } : {}), message: only.message });
      }
      const lanes = setLanes(stored, input.lanes);
      if (input.conversationId === null) folder().chats.push(stored);
      if (input.replaces !== null) {
        const at = stored.compare.turns.findIndex(({ id }) => id === input.replaces);
        if (at >= 0) stored.compare.turns.splice(at);
      }
      const pairs = input.lanes.flatMap((lane, at) => {
        const message = replies.get(lane);
        const own = lanes[at];
        return message && own ? [{ lane: own, message, prompt: userMessage(input.text, files) }] : [];
      });
      const order = pairs.map(({ lane }) => lane.id);
      const turn: TurnView = {
        id: fresh('turn'),
        createdAt: Date.now(),
        prompts: pairs.map(({ prompt }) => prompt.id),
        answers: pairs.map(({ lane, message }) => ({
          laneId: lane.id,
          messageId: message.id,
          versions: [message.id],
        })),
        merges: [],
        blind: input.blind ? { order: shuffled(order), revealed: false } : null,
        judgement: null,
        sharedFrom: input.sharedFrom,
      };
      const nth = stored.compare.turns.length;
      stored.compare.turns.push(turn);
      stored.messages.push(...pairs.map(({ prompt }) => prompt), ...pairs.map(({ message }) => message));
      stored.draft = emptyDraft();
      const now = Date.now();
      const [lead] = pairs.flatMap(({ message }) => message.attempts);
      Object.assign(stored.summary, { updatedAt: now, touched: now });
      if (lead) Object.assign(stored.summary, { mark: lead.mark, category: lead.category });
      const runs = pairs.flatMap(({ lane, message }) =>
        message.refused
          ? []
          : [{ runId: play(stored, message, lane.target, input.text, nth), messageId: message.id }],
      );
      if (input.conversationId === null)
        keepDesk({ ...desk, lanes: input.lanes.map(asNew), draft: emptyDraft() });
      return copy({
        summary: stored.summary,
        lanes: lanesOf(stored),
        turn,
        messages: [...pairs.slice(0, 1).map(({ prompt }) => prompt), ...pairs.map(({ message }) => message)],
        runs,
      });
    },
    async setLanes(conversationId, lanes) {
      const stored = open(conversationId);
      setLanes(stored, lanes);
      return viewOf(stored);
    },
    async estimateCompare({ conversationId, text, attachments, lanes, sharedFrom }) {
      const stored = conversationId === null ? null : open(conversationId);
      const files = attachments.map(keptFile);
      const size = files.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 4), 0);
      const all = lanes.map(({ id, target, setup, asked }): LaneEstimate => {
        const past =
          stored === null
            ? []
            : sharedFrom !== null
              ? pathTo(stored, sharedFrom)
              : id === null
                ? []
                : historyOf(stored, id, null);
        const history = tokens(past.map(said).join(''));
        const lane = estimateOf(
          target,
          tokens(setup.systemPrompt) + history + tokens(text) + size + 12,
          files,
        );
        return asked ? lane : { ...lane, costNano: 0, mostNano: 0 };
      });
      const going = all.filter(({ refused }, at) => lanes[at]?.asked && refused === null);
      const sum = (of: (lane: LaneEstimate) => number | null) =>
        going.reduce((total, lane) => total + (of(lane) ?? 0), 0);
      return {
        lanes: all,
        costNano: sum(({ costNano }) => costNano),
        mostNano: sum(({ mostNano }) => mostNano),
        unknown: going.filter(({ costNano }) => costNano === null).length,
      };
    },
    async estimateMerge({ sources, target }) {
      const texts = sources.map((id) => said(folder().holding(id).message));
      return estimateOf(target, tokens(texts.join('')) + 180, []);
    },
    async merge({ sources, mode, target, overBudget }) {
      const stored = holding(sources[0] ?? '') ?? refuse('not_found');
      if (sources.length < 2) refuse('invalid', { field: 'sources', cause: 'too_few' });
      const { turn } = placeOf(stored, sources[0] ?? '');
      const from = sources.map((id) => folder().holding(id).message);
      const last = begun(target, [], overBudget);
      const message = answer([last], [], 'streaming');
      message.merged = {
        mode,
        sources: from.map(({ id, attempts }) => ({
          messageId: id,
          providerName: attempts.at(-1)?.providerName ?? '',
          model: attempts.at(-1)?.model ?? '',
        })),
      };
      stored.messages.push(message);
      turn.merges.push({ laneId: fresh('lane'), messageId: message.id, versions: [message.id] });
      const names = message.merged.sources.map(({ model }) => model);
      const runId = player.begin(stored, message, mergedText(mode, names), scriptOf(query, 'merge'));
      return copy({ runId, summary: stored.summary, messages: [message] });
    },
    async judge(turnId, { ranks, note, tags }) {
      const { turn } = turnOf(chats(), turnId);
      const nothing = ranks.length === 0 && note.trim() === '' && tags.length === 0;
      const blind = turn.judgement ? turn.judgement.blind : turn.blind !== null && !turn.blind.revealed;
      turn.judgement = nothing ? null : copy({ ranks, note: note.trim(), tags, blind, at: Date.now() });
      if (turn.blind && ranks.length > 0) turn.blind.revealed = true;
      return copy(turn);
    },
    async revealTurn(turnId) {
      const { turn } = turnOf(chats(), turnId);
      if (turn.blind) turn.blind.revealed = true;
      return copy(turn);
    },
    async setThumb(messageId, thumb) {
      folder().holding(messageId).message.thumb = thumb;
    },
    async listCompareSets() {
      return copy(sets);
    },
    async saveCompareSet({ id, name, lanes }) {
      const title = name.trim();
      if (title === '') refuse('invalid', { field: 'name', cause: 'empty' });
      if (title.length > 60) refuse('invalid', { field: 'name', cause: 'too_long' });
      if (sets.some((one) => one.name === title && one.id !== id))
        refuse('invalid', { field: 'name', cause: 'taken' });
      const set: CompareSet = { id: id ?? fresh('set'), name: title, lanes: copy(lanes).map(asNew) };
      sets = sets.some((one) => one.id === set.id)
        ? sets.map((one) => (one.id === set.id ? set : one))
        : [...sets, set];
      return copy(set);
    },
    async removeCompareSet(id) {
      sets = sets.filter((one) => one.id !== id);
    },
    async compareDesk() {
      return copy(desk);
    },
    async saveCompareDesk(next) {
      keepDesk(copy(next));
    },
    async exportCompare(conversationId, format) {
      if (query.get('export') === 'fails') refuse('io');
      return exported(open(conversationId), format);
    },
  };

  function keepDesk(next: CompareDesk): void {
    desk = next;
    if (kept !== null) localStorage.setItem(kept, JSON.stringify(desk));
  }

  return {
    part,
    retry(messageId, target, overBudget) {
      const stored = holding(messageId);
      if (!stored) return null;
      if (player.writes(messageId)) refuse('running');
      const { turn, answer: place } = placeOf(stored, messageId);
      const old = stored.messages.find(({ id }) => id === messageId);
      const lane = stored.compare.lanes.find(({ id }) => id === place.laneId);
      const last = old?.attempts.at(-1);
      const asked =
        target ?? lane?.target ?? toModel({ providerId: last?.providerId ?? '', model: last?.model ?? '' });
      const prompt = stored.messages.find(({ id }) => id === turn.prompts[0]);
      const files = prompt?.parts.flatMap(({ attachment }) => attachment ?? []) ?? [];
      const message = answer([begun(asked, files, overBudget)], [], 'streaming');
      if (target && lane) lane.target = target;
      place.versions = [...place.versions, message.id];
      place.messageId = message.id;
      for (const one of stored.messages) if (place.versions.includes(one.id)) one.versions = place.versions;
      message.versions = [...place.versions];
      message.merged = old?.merged ?? null;
      stored.messages.push(message);
      const runId = message.merged
        ? player.begin(
            stored,
            message,
            mergedText(
              message.merged.mode,
              message.merged.sources.map(({ model }) => model),
            ),
            null,
          )
        : play(stored, message, asked, prompt ? said(prompt) : '', stored.compare.turns.indexOf(turn));
      return copy({ runId, summary: stored.summary, messages: [message] });
    },
    goOn(messageId, overBudget) {
      const stored = holding(messageId);
      const message = stored?.messages.find(({ id }) => id === messageId);
      const last = message?.attempts.at(-1);
      if (!stored || !message || !last) return null;
      const { providerId, model } = last;
      message.attempts.push({
        ...begun(toModel({ providerId, model }), [], overBudget),
        reason: 'continued',
      });
      message.status = 'streaming';
      const runId = player.begin(stored, message, ' and so the second request changes nothing at all.', null);
      return copy({ runId, summary: stored.summary, messages: [message] });
    },
    branch(messageId) {
      const stored = holding(messageId);
      if (!stored) return null;
      const copies = copy(pathTo(stored, messageId)).map((old) => {
        const id = fresh('m');
        return { ...old, id, versions: [id] };
      });
      const last = copies.at(-1)?.attempts.at(-1);
      const branch = chat(stored.summary.title, 0, last?.mark ?? null, last?.category ?? null, copies);
      branch.summary.touched = Date.now();
      branch.spend = spendOf(copies);
      return branch;
    },
    stop: (runId) => player.stop(runId),
  };
}

/** A lane without its id, as it goes into a set or on the desk. */
const asNew = (lane: LaneInput): LaneInput => ({ ...lane, id: null, asked: true });

/** Never in the order it was: what stands first must not be guessed. */
function shuffled(order: string[]): string[] {
  const [first, ...rest] = order;
  return first === undefined ? [] : [...rest.reverse(), first];
}
