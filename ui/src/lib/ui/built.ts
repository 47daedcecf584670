/** Rows that are built, each with how many rows are left out before it. */
export type Built = { row: number; skipped: number };

/** The rows in view with some beyond, and one that must stay. */
export function builtRows(count: number, from: number, to: number, kept: number | null): Built[] {
  const rows = new Set<number>();
  for (let row = Math.max(0, from); row < Math.min(count, to); row += 1) rows.add(row);
  if (kept !== null && kept >= 0 && kept < count) rows.add(kept);
  let end = 0;
  return [...rows]
    .sort((a, b) => a - b)
    .map((row) => {
      const skipped = row - end;
      end = row + 1;
      return { row, skipped };
    });
}
