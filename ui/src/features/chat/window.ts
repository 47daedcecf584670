import type { MessageStub } from '$lib/ipc/bindings';
import type { Heights } from './heights';

/** Rows from `from` up to, not with, `to`. */
export type Range = { from: number; to: number };

/** The rows that a view of some height at some place shows, with a margin on both sides. */
export function rowsIn(heights: Heights, top: number, view: number, margin: number): Range {
  if (heights.length === 0) return { from: 0, to: 0 };
  return { from: heights.at(top - margin), to: heights.at(top + view + margin) + 1 };
}

/** A row that is built, and the empty space that stands for the rows between it and the one before it. */
export type Placed = { row: number; gap: number };

/** The rows of a range and others that must stay, in their order, with the gaps before them. */
export function placed(heights: Heights, { from, to }: Range, kept: number[]): Placed[] {
  const all = new Set<number>();
  for (let row = from; row < to; row += 1) all.add(row);
  for (const row of kept) if (row >= 0 && row < heights.length) all.add(row);
  let end = 0;
  return [...all]
    .sort((a, b) => a - b)
    .map((row) => {
      const gap = row === end ? 0 : heights.top(row) - heights.top(end);
      end = row + 1;
      return { row, gap };
    });
}

const LINE_PX = 22;
const CHAR_PX = 6.7;
const BUBBLE_PX = 574;
/** What can be done with a question, and the edge of its bubble. */
const BESIDE_PX = 104;

/** How high a message will be, guessed from its length; its measure replaces it. */
export function guess({ role, size }: MessageStub, width: number): number {
  const lines = (room: number) => Math.max(1, Math.ceil((size * CHAR_PX) / Math.max(room, 80)));
  if (role === 'user') return lines(Math.min(BUBBLE_PX, width - BESIDE_PX)) * LINE_PX + 24;
  // Paragraphs, lists and code break their lines early.
  return Math.ceil(lines(width - 18) * 1.2) * LINE_PX + 84;
}
