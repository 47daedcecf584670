import type { Group, Option } from './groups';

export const HEAD = 30;
export const LINE = 38;

/** A line on its place in the list, in pixels from its beginning. */
export type Row = { group: Group; option: Option | null; at: number; y: number };

export type Layout = { rows: Row[]; options: Option[]; height: number };

/** Lays the groups out, each with its head. */
export function layOut(groups: readonly Group[]): Layout {
  const rows: Row[] = [];
  const options: Option[] = [];
  let y = 0;
  for (const group of groups) {
    rows.push({ group, option: null, at: -1, y });
    y += HEAD;
    for (const option of group.options) {
      rows.push({ group, option, at: options.length, y });
      options.push(option);
      y += LINE;
    }
  }
  return { rows, options, height: y };
}

const heightOf = (row: Row) => (row.option ? LINE : HEAD);

/** The first row that ends below a height. */
function firstBelow(rows: readonly Row[], y: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row && row.y + heightOf(row) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}

export type Slice = { before: number; after: number; groups: { group: Group; head: boolean; rows: Row[] }[] };

/** The rows that are drawn for what is scrolled to, group by group, and the room of those that are not. */
export function sliceOf(layout: Layout, top: number, height: number, beyond: number): Slice {
  const { rows } = layout;
  const first = firstBelow(rows, top - beyond);
  const last = Math.min(rows.length, firstBelow(rows, top + height + beyond) + 1);
  const groups: Slice['groups'] = [];
  for (const row of rows.slice(first, last)) {
    let known = groups.at(-1);
    if (!known || known.group !== row.group) {
      known = { group: row.group, head: false, rows: [] };
      groups.push(known);
    }
    if (row.option) known.rows.push(row);
    else known.head = true;
  }
  const end = rows[last - 1];
  return {
    before: rows[first]?.y ?? 0,
    after: end ? layout.height - end.y - heightOf(end) : 0,
    groups,
  };
}
