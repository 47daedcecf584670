import type { Line } from '$lib/days/groups';

/** Heights in px; the tokens of the same name in the page's styles. */
export type Heights = { row: number; head: number; firstHead: number };

export function heightOf(line: Line, heights: Heights): number {
  if (line.kind === 'chat') return heights.row;
  return line.first ? heights.firstHead : heights.head;
}

/** Where each line begins; the last number is where the list ends. */
export function topsOf(lines: readonly Line[], heights: Heights): number[] {
  const tops = [0];
  let top = 0;
  for (const line of lines) tops.push((top += heightOf(line, heights)));
  return tops;
}

/** The first line that ends below `y`; the number of lines where none does. */
export function lineAt(tops: readonly number[], y: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tops[middle + 1] ?? Infinity) > y) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The lines in sight, and those within `spare` px of it. */
export function windowOf(
  tops: readonly number[],
  top: number,
  height: number,
  spare: number,
): { first: number; end: number } {
  const last = tops.length - 1;
  return {
    first: Math.min(lineAt(tops, top - spare), last),
    end: Math.min(lineAt(tops, top + height + spare) + 1, last),
  };
}
