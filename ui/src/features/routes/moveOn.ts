import type { Category } from '$lib/ipc/bindings';

/** Failures that a person thinks of as one. A wrong request and a stop by the person never move on. */
export const GROUPS = [
  { id: 'overloaded', categories: ['overloaded', 'internal'] },
  { id: 'throttled', categories: ['rate_limited', 'no_credit'] },
  { id: 'network', categories: ['network', 'timeout', 'broken_stream'] },
  { id: 'key', categories: ['rejected_key', 'missing_key', 'forbidden'] },
  { id: 'model', categories: ['unknown_model'] },
  { id: 'context', categories: ['context_too_long'] },
  { id: 'refused', categories: ['refused'] },
] as const satisfies { id: string; categories: Category[] }[];

export type Group = (typeof GROUPS)[number];
export type Ticked = 'all' | 'some' | 'none';

export function tickedOf(group: Group, on: readonly Category[]): Ticked {
  const count = group.categories.filter((category) => on.includes(category)).length;
  return count === 0 ? 'none' : count === group.categories.length ? 'all' : 'some';
}

/** The categories with those of a group in or out; the others stay as they are. */
export function withGroup(on: readonly Category[], group: Group, ticked: boolean): Category[] {
  const its: readonly Category[] = group.categories;
  const others = on.filter((category) => !its.includes(category));
  return ticked ? [...others, ...its] : others;
}
