import type { LeaderRow } from '$lib/ipc/bindings';
import type { BoardOrder } from '$lib/state/ranking.svelte';

/** What a column holds of a row; null is unknown and comes last, whichever way it is ordered. */
const values: Record<Exclude<BoardOrder['by'], 'model'>, (row: LeaderRow) => number | null> = {
  rank: ({ points }) => -points,
  won: ({ wins, losses, ties }) => (wins + losses + ties === 0 ? null : wins / (wins + losses + ties)),
  cost: ({ meanNano }) => meanNano,
  first: ({ firstTokenMs }) => firstTokenMs,
  speed: ({ tokensPerSecond }) => tokensPerSecond,
};

export function sortedRows(rows: readonly LeaderRow[], { by, down }: BoardOrder): LeaderRow[] {
  const way = down ? -1 : 1;
  if (by === 'model')
    return rows.toSorted((one, other) => way * one.target.model.localeCompare(other.target.model));
  const value = values[by];
  return rows.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return way * (a - b);
  });
}
