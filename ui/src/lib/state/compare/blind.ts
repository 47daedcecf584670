import type { LaneAnswer, TurnView } from '$lib/ipc/bindings';

/** Names, tiles and prices are hidden: it was sent so and is not judged. */
export const isBlind = ({ blind }: Pick<TurnView, 'blind'>): boolean => blind !== null && !blind.revealed;

/** A, B, C as they stand from the left. */
export const letterOf = (at: number): string => String.fromCharCode(65 + at);

/** The answers in the order they are shown in: as drawn by lot where names were hidden, else that of the lanes. */
export function shownOrder(turn: TurnView, lanes: readonly string[]): LaneAnswer[] {
  const order = turn.blind?.order ?? lanes;
  const place = (laneId: string) => {
    const at = order.indexOf(laneId);
    return at < 0 ? order.length : at;
  };
  return turn.answers.toSorted((one, other) => place(one.laneId) - place(other.laneId));
}
