import type { ChatSetup, ChatTarget, LaneInput, LaneView } from '$lib/ipc/bindings';
import { emptySetup } from '$lib/state/composer/setup';

export const LEAST_LANES = 2;
export const MOST_LANES = 12;

/** A column as a person sets it up. */
export type Lane = {
  /** Stays through everything, also while the store has not named it. */
  readonly key: number;
  readonly id: string | null;
  /** Absent where what it was is deleted for good. */
  readonly target: ChatTarget | null;
  readonly fallbackRouteId: string | null;
  readonly setup: ChatSetup;
  /** The next prompt goes to it. */
  readonly asked: boolean;
};

let last = 0;

export const newLane = (target: ChatTarget, setup: ChatSetup = emptySetup()): Lane => ({
  key: ++last,
  id: null,
  target,
  fallbackRouteId: null,
  setup,
  asked: true,
});

export const laneFromInput = ({ target, fallbackRouteId, setup, asked }: LaneInput): Lane => ({
  key: ++last,
  id: null,
  target,
  fallbackRouteId,
  setup,
  asked,
});

/** What the store has of the lanes, keeping what the page knows of those it had. */
export function lanesFrom(views: readonly LaneView[], known: readonly Lane[]): Lane[] {
  return views
    .filter(({ hidden }) => !hidden)
    .map(({ id, target, fallbackRouteId, setup }) => {
      const before = known.find((lane) => lane.id === id);
      return {
        key: before?.key ?? ++last,
        id,
        target,
        fallbackRouteId,
        setup,
        asked: before?.asked ?? true,
      };
    });
}

/** As they go to the store; one whose model is gone cannot. */
export function inputsOf(lanes: readonly Lane[]): LaneInput[] {
  return lanes.flatMap(({ id, target, fallbackRouteId, setup, asked }) =>
    target === null ? [] : [{ id, target, fallbackRouteId, setup, asked }],
  );
}

/** A list with one of it moved by a place; the same where there is none. */
export function moved<T>(items: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...items];
  const one = items[at];
  const other = items[at + by];
  if (one === undefined || other === undefined) return next;
  next[at] = other;
  next[at + by] = one;
  return next;
}
