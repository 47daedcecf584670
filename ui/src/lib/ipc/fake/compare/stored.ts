import type {
  ChatSetup,
  ChatTarget,
  CompareView,
  LaneAnswer,
  LaneInput,
  LaneView,
  MessageView,
  SpendView,
  TurnView,
} from '../../bindings';
import { emptyDraft } from '../composing';
import { chat, fresh, userMessage, zeroSpend, type StoredChat } from '../data';
import { refuse } from '../refuse';

export type StoredLane = {
  id: string;
  target: ChatTarget;
  fallbackRouteId: string | null;
  setup: ChatSetup;
  hidden: boolean;
};

/** What a comparison has beside its messages. */
export type Compared = { lanes: StoredLane[]; turns: TurnView[] };

export type StoredCompare = StoredChat & { compare: Compared };

export const LEAST = 2;
export const MOST = 12;

export function comparisonOf(stored: StoredChat): StoredCompare {
  return stored.compare ? (stored as StoredCompare) : refuse('not_found');
}

/** A comparison without prompts. */
export function newCompare(title: string, ageDays = 0): StoredCompare {
  const stored = chat(title, ageDays, null, null, []);
  stored.summary.kind = 'compare';
  return Object.assign(stored, { compare: { lanes: [], turns: [] } });
}

/** Takes over what a person made of the lanes; what they left out is hidden. */
export function setLanes({ compare }: StoredCompare, inputs: readonly LaneInput[]): StoredLane[] {
  if (inputs.length < LEAST) refuse('invalid', { field: 'lanes', cause: 'too_few' });
  if (inputs.length > MOST) refuse('invalid', { field: 'lanes', cause: 'too_many' });
  const kept = inputs.map(({ id, target, fallbackRouteId, setup }): StoredLane => {
    const known = compare.lanes.find((lane) => lane.id === id);
    const lane = { target, fallbackRouteId, setup, hidden: false };
    return known ? Object.assign(known, lane) : { id: fresh('lane'), ...lane };
  });
  const out = compare.lanes.filter((lane) => !kept.includes(lane));
  for (const lane of out) lane.hidden = true;
  compare.lanes = [...kept, ...out];
  return kept;
}

const all = (turn: TurnView): LaneAnswer[] => [...turn.answers, ...turn.merges];

/** The prompt that an answer or one of its versions belongs to. */
export function placeOf(
  { compare }: StoredCompare,
  messageId: string,
): { turn: TurnView; answer: LaneAnswer } {
  for (const turn of compare.turns) {
    const answer = all(turn).find(({ versions }) => versions.includes(messageId));
    if (answer) return { turn, answer };
  }
  return refuse('not_found');
}

export function turnOf(
  chats: readonly StoredChat[],
  turnId: string,
): { stored: StoredCompare; turn: TurnView } {
  for (const stored of chats) {
    const turn = stored.compare?.turns.find(({ id }) => id === turnId);
    if (turn) return { stored: stored as StoredCompare, turn };
  }
  return refuse('not_found');
}

const ended = (message: MessageView) => message.attempts.flatMap(({ cost }) => cost ?? []);

export function spendOf(messages: readonly MessageView[]): SpendView {
  return messages.flatMap(ended).reduce(
    (sum, { totalNano, source }) => ({
      totalNano: sum.totalNano + (totalNano ?? 0),
      estimatedNano: sum.estimatedNano + (source === 'estimated' ? (totalNano ?? 0) : 0),
      unknown: sum.unknown + Number(totalNano === null),
      entries: sum.entries + 1,
    }),
    zeroSpend,
  );
}

export function lanesOf({ compare, messages }: StoredCompare): LaneView[] {
  return compare.lanes.map(({ id, ...lane }) => {
    const versions = compare.turns.flatMap(({ answers }) =>
      answers.filter(({ laneId }) => laneId === id).flatMap((answer) => answer.versions),
    );
    return { id, ...lane, spend: spendOf(messages.filter((message) => versions.includes(message.id))) };
  });
}

export function viewOf(stored: StoredCompare): CompareView {
  const last = stored.compare.turns.at(-1);
  const ids = last ? [last.prompts[0], ...all(last).flatMap(({ versions }) => versions)] : [];
  return structuredClone({
    summary: stored.summary,
    lanes: lanesOf(stored),
    turns: stored.compare.turns,
    messages: stored.messages.filter(({ id }) => ids.includes(id)),
    spend: stored.spend,
    draft: stored.draft ?? emptyDraft(),
  });
}

/** What a lane has said and heard before a prompt, as messages of a chat of its own. */
export function historyOf(stored: StoredCompare, laneId: string, before: TurnView | null): MessageView[] {
  const { turns } = stored.compare;
  const at = before ? turns.indexOf(before) : turns.length;
  const message = (id: string | undefined) => stored.messages.find((known) => known.id === id);
  let past: MessageView[] = [];
  for (const turn of turns.slice(0, at)) {
    if (turn.sharedFrom) past = pathTo(stored, turn.sharedFrom);
    const place = turn.answers.findIndex((answer) => answer.laneId === laneId);
    const said = message(turn.answers[place]?.messageId);
    const asked = message(turn.prompts[place]);
    if (asked && said) past = [...past, asked, said];
  }
  return past;
}

/** All that leads to an answer, itself the last. */
export function pathTo(stored: StoredCompare, messageId: string): MessageView[] {
  const { turn, answer } = placeOf(stored, messageId);
  const message = stored.messages.find(({ id }) => id === messageId) ?? refuse('not_found');
  const laneId = turn.merges.includes(answer) ? (turn.answers[0]?.laneId ?? '') : answer.laneId;
  const before = turn.sharedFrom ? pathTo(stored, turn.sharedFrom) : historyOf(stored, laneId, turn);
  const place = turn.answers.findIndex((one) => one.laneId === laneId);
  const asked = stored.messages.find(({ id }) => id === turn.prompts[Math.max(0, place)]);
  return [...before, asked ?? userMessage(''), message];
}
