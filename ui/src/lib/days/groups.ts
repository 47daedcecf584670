import type { ConversationSummary } from '$lib/ipc/bindings';

/** What stands over some rows of the list. */
export type Group =
  | { kind: 'pinned' | 'today' | 'yesterday' | 'week' }
  /** `year` only where it is not the present one. */
  | { kind: 'month'; month: number; year: number | null };

/** A line of the list: the head of a group, or a chat. */
export type Line =
  | { kind: 'head'; key: string; group: Group; first: boolean }
  | { kind: 'chat'; key: string; row: ConversationSummary };

/** The local midnight a moment's day began with. Some days of some places begin later than at 0:00. */
export function dayStart(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** The next local midnight. Days of a change of the clocks have 23 or 25 hours. */
export function nextDay(ms: number): number {
  const start = new Date(dayStart(ms));
  return new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1).getTime();
}

/** The group a moment falls in, and from when on. `today` is the midnight the present day began with. */
export function groupOf(ms: number, today: number): { group: Group; from: number } {
  const now = new Date(today);
  const back = (days: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
  if (ms >= today) return { group: { kind: 'today' }, from: today };
  const yesterday = back(1);
  if (ms >= yesterday) return { group: { kind: 'yesterday' }, from: yesterday };
  const week = back(7);
  if (ms >= week) return { group: { kind: 'week' }, from: week };
  const then = new Date(ms);
  const [year, month] = [then.getFullYear(), then.getMonth()];
  return {
    group: { kind: 'month', month, year: year === now.getFullYear() ? null : year },
    from: new Date(year, month, 1).getTime(),
  };
}

/** The lines of the list, in its order. Rows come newest first; one that does not stays in the group it stands in. */
export function linesOf(
  pinned: readonly ConversationSummary[],
  rows: readonly ConversationSummary[],
  today: number,
): Line[] {
  const lines: Line[] = [];
  const head = (key: string, group: Group) =>
    lines.push({ kind: 'head', key, group, first: lines.length === 0 });
  if (pinned.length > 0) head('pinned', { kind: 'pinned' });
  for (const row of pinned) lines.push({ kind: 'chat', key: row.id, row });
  let from = Infinity;
  for (const row of rows) {
    if (row.updatedAt < from) {
      const next = groupOf(row.updatedAt, today);
      from = next.from;
      head(`from ${from}`, next.group);
    }
    lines.push({ kind: 'chat', key: row.id, row });
  }
  return lines;
}
