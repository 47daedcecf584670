import type { AttemptView, CostView, MessageView, PartView } from '$lib/ipc/bindings';

/** What one attempt wrote into an answer, in its order. */
export type Segment = {
  attempt: AttemptView | null;
  reasoning: string;
  body: PartView[];
  /** What it said again of the text before was left out. */
  trimmed: boolean;
  /** It failed without leaving anything. */
  dead: boolean;
};

/** The warning that stands where a continuing model repeated what was there. The seam tells it. */
const TRIMMED = 'overlap_trimmed';

function segmentOf(attempt: AttemptView | null, parts: PartView[], running: boolean): Segment {
  const reasoning = parts.filter((part) => part.kind === 'reasoning').map((part) => part.text);
  const told = (part: PartView) => part.kind === 'warning' && part.name === TRIMMED;
  const body = parts.filter((part) => part.kind !== 'reasoning' && !told(part));
  const dead = parts.length === 0 && !running && attempt !== null && attempt.outcome !== 'complete';
  return { attempt, reasoning: reasoning.join('\n\n'), body, trimmed: parts.some(told), dead };
}

/** The answer attempt by attempt. A part nobody claims goes to the last attempt. */
export function segments(message: MessageView): Segment[] {
  const { attempts, parts } = message;
  if (attempts.length === 0) return [segmentOf(null, parts, true)];
  const known = new Set(attempts.map((attempt) => attempt.id));
  return attempts.map((attempt, at) => {
    const last = at === attempts.length - 1;
    const own = parts.filter((part) =>
      part.attemptId !== null && known.has(part.attemptId) ? part.attemptId === attempt.id : last,
    );
    return segmentOf(attempt, own, attempt.outcome === 'streaming');
  });
}

/** Whether one provider was asked with more than one of its keys. */
export function severalAccounts(attempts: AttemptView[]): boolean {
  const [first] = attempts;
  return attempts.some(
    ({ providerId, account }) => providerId === first?.providerId && account !== first.account,
  );
}

export function hasText(message: MessageView): boolean {
  return message.parts.some((part) => part.kind !== 'reasoning' && part.text !== '');
}

/** Sums a number over attempts; null where none of them knows it. */
function sum(values: (number | null | undefined)[]): number | null {
  const known = values.filter((value): value is number => typeof value === 'number');
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

/** Turned away before anything was read: nobody bills for it, so it makes no sum less certain. */
export const turnedAway = (cost: CostView): boolean => cost.source === 'estimated' && cost.totalNano === 0;

/** Money and tokens of all attempts. One attempt is itself; of several the least certain gives the tone. */
export function totalCost(attempts: AttemptView[]): { cost: CostView; partly: boolean } | null {
  const all = attempts.map((attempt) => attempt.cost).filter((cost) => cost !== null);
  const read = all.filter((cost) => !turnedAway(cost));
  const costs = read.length > 0 ? read : all;
  const [first] = costs;
  if (!first) return null;
  if (costs.length === 1) return { cost: first, partly: false };
  const known = costs.filter((cost) => cost.totalNano !== null && cost.source !== 'unknown');
  const is = (source: CostView['source']) => costs.some((cost) => cost.source === source);
  const allFree = costs.every((cost) => cost.source === 'free');
  const tone = is('estimated')
    ? 'estimated'
    : is('priced')
      ? 'priced'
      : is('reported')
        ? 'reported'
        : 'unknown';
  return {
    cost: {
      inputTotal: sum(costs.map((cost) => cost.inputTotal)),
      cacheRead: sum(costs.map((cost) => cost.cacheRead)),
      cacheWrite: sum(costs.map((cost) => cost.cacheWrite)),
      outputTotal: sum(costs.map((cost) => cost.outputTotal)),
      reasoning: sum(costs.map((cost) => cost.reasoning)),
      tokensEstimated: costs.some((cost) => cost.tokensEstimated),
      source: allFree ? 'free' : known.length === 0 ? 'unknown' : tone,
      totalNano: sum(known.map((cost) => cost.totalNano)),
      savedNano: sum(costs.map((cost) => cost.savedNano)),
    },
    partly: known.length > 0 && known.length < costs.length,
  };
}

/** Categories a person settles in Providers. */
export const ABOUT_THE_KEY = new Set(['missing_key', 'rejected_key', 'forbidden', 'no_credit', 'network']);
