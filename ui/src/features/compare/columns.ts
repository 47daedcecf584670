import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { AttemptView, ChatTarget, LaneAnswer, Mark, MessageView, TurnView } from '$lib/ipc/bindings';
import { isBlind, letterOf, shownOrder } from '$lib/state/compare/blind';
import type { Lane } from '$lib/state/compare/lanes';
import { marksOf, type MarkKind } from '$lib/state/compare/marks';
import type { OpenCompare } from '$lib/state/compare/openCompare.svelte';
import type { TableColumn } from '$lib/state/compare/table';
import { answerText } from '$lib/stream/text';
import { totalCost } from '$lib/answer/answer';

/** Who answers in a column, as it is drawn. */
export type Who = {
  name: string;
  provider: string;
  mark: Mark | null;
  category: string | null;
  route: boolean;
};

/** A column of the screen. */
export type Column = {
  key: string;
  at: number;
  /** How it is set up for the next prompt; a merge and one that was taken out have none. */
  lane: Lane | null;
  answer: LaneAnswer | null;
  message: MessageView | undefined;
  merged: boolean;
  removed: boolean;
  who: Who;
  /** Stands for its name where that is hidden. */
  letter: string | null;
  /** Its name where that may be said, else its letter. */
  name: string;
};

/** What a target is called and how it is drawn. */
export type Known = (target: ChatTarget | null) => Who;

function whoWrote({ model, providerName, mark, category, route }: AttemptView): Who {
  const provider = route ? `${providerName}, ${t.fallback.badge(route.name)}` : providerName;
  return { name: model, provider, mark, category, route: false };
}

function column(part: Omit<Column, 'at' | 'name' | 'letter'>, at: number, letter: string | null): Column {
  return { ...part, at, letter, name: letter === null ? part.who.name : t.compare.lane.letter(letter) };
}

/** The columns of a prompt from the left: the lanes, those taken out where they are asked for, the merges. */
export function columnsOf(
  compare: OpenCompare,
  turn: TurnView | null,
  known: Known,
  gone: boolean,
): Column[] {
  const { lanes } = compare;
  const bare = (lane: Lane): Omit<Column, 'at' | 'name' | 'letter'> => ({
    key: `lane ${lane.key}`,
    lane,
    answer: null,
    message: undefined,
    merged: false,
    removed: false,
    who: known(lane.target),
  });
  if (!turn) return lanes.map((lane, at) => column(bare(lane), at, null));
  const blind = isBlind(turn);
  const order = shownOrder(
    turn,
    lanes.flatMap(({ id }) => id ?? []),
  );
  const answered = order.flatMap((answer) => {
    const lane = lanes.find(({ id }) => id === answer.laneId) ?? null;
    if (!lane && !gone) return [];
    const message = compare.answerOf(answer);
    const wrote = message?.attempts.at(-1);
    const target = lane?.target ?? compare.gone.find(({ id }) => id === answer.laneId)?.target ?? null;
    return [
      {
        key: lane ? `lane ${lane.key}` : `gone ${answer.laneId}`,
        lane,
        answer,
        message,
        merged: false,
        removed: lane === null,
        who: wrote ? whoWrote(wrote) : known(target),
      },
    ];
  });
  const others = lanes.filter((lane) => !answered.some((one) => one.lane === lane)).map(bare);
  const merges = turn.merges.map((answer) => {
    const message = compare.answerOf(answer);
    const wrote = message?.attempts.at(-1);
    return {
      key: `merge ${answer.versions[0] ?? answer.messageId}`,
      lane: null,
      answer,
      message,
      merged: true,
      removed: false,
      who: wrote ? whoWrote(wrote) : known(null),
    };
  });
  return [...answered, ...others, ...merges].map((one, at) =>
    column(one, at, blind && one.answer && !one.merged ? letterOf(at) : null),
  );
}

/** Whether the name of a column is to be kept from the reader: its own, or what it was made of. */
export const isHidden = (turn: TurnView | null): boolean => turn !== null && isBlind(turn);

/** It was written and is over, with something to read. */
const isDone = (message: MessageView | undefined): boolean => message?.status === 'complete';

/** It can go into a merge, at the latest when it is over. */
export const isMergeable = (message: MessageView | undefined): boolean =>
  message !== undefined && !message.refused && (isLive(message) || answerText(message) !== '');

export const isLive = (message: MessageView | undefined): boolean => message?.status === 'streaming';

export function failed(message: MessageView | undefined): boolean {
  return message !== undefined && (message.status === 'failed' || message.status === 'interrupted');
}

/** The marks of the answers that are done. Names that are hidden must not be guessed from them. */
export function columnMarks(columns: readonly Column[], hidden: boolean): Map<string, MarkKind[]> {
  if (hidden) return new Map();
  const done = columns.flatMap(({ key, message, merged }) => {
    if (!message || merged || !isDone(message)) return [];
    const last = message.attempts.at(-1);
    const cost = totalCost(message.attempts)?.cost;
    return [
      {
        key,
        firstTokenMs: last?.firstTokenMs ?? null,
        nano: cost?.source === 'free' ? 0 : (cost?.totalNano ?? null),
        tokens: last?.cost?.outputTotal ?? null,
      },
    ];
  });
  return marksOf(done);
}

/** A column as a line of the table that is copied. */
export function tableColumn({ who, message }: Column): TableColumn {
  const words = t.compare.lane;
  const last = message?.attempts.at(-1);
  const cost = message ? totalCost(message.attempts)?.cost : undefined;
  const speed = last
    ? format.speed(last.cost?.outputTotal ?? null, last.firstTokenMs, last.durationMs)
    : null;
  const money = () => {
    if (!cost) return '';
    if (cost.source === 'free') return t.answer.free;
    if (cost.totalNano === null) return t.answer.unknownCost;
    return cost.source === 'estimated' ? format.estimate(cost.totalNano) : format.money(cost.totalNano);
  };
  return {
    name: who.name,
    provider: who.provider,
    status: message ? t.compare.table.states[message.status] : words.notAsked,
    firstToken: last?.firstTokenMs == null ? '' : format.duration(last.firstTokenMs),
    speed: speed === null ? '' : words.perSecond(speed),
    tokens: last?.cost?.outputTotal == null ? '' : format.count(last.cost.outputTotal),
    cost: money(),
    answer: message ? answerText(message) : '',
  };
}
