import type { Table } from 'mdast';
import { plainText } from './plain';

const LOOKED_AT = 20;
const figure = /^[~≈<>≤≥±+−–-]*\s?[$€£¥₹]?\s?\d[\d.,'’\s]*\s?(?:[%‰°×xk]|[a-zµ°/]{1,4})?$/i;
const nothing = /^(?:|[-–—]|n\/a|\?)$/i;

export type Side = 'right' | 'center' | undefined;

/** The side of each column: as it was written, else right for a column of figures. */
export function sides(table: Table): Side[] {
  const [head, ...rows] = table.children;
  return (head?.children ?? []).map((_, column) => {
    const written = table.align?.[column];
    if (written) return written === 'left' ? undefined : written;
    // The first column names the rows, even where its names are figures.
    if (column === 0) return undefined;
    let figures = 0;
    for (const row of rows.slice(0, LOOKED_AT)) {
      const cell = row.children[column];
      const words = cell ? plainText(cell).trim() : '';
      if (nothing.test(words)) continue;
      if (words.length > 24 || !figure.test(words)) return undefined;
      figures += 1;
    }
    return figures > 0 ? 'right' : undefined;
  });
}

/** What a spreadsheet would run as a formula gets a sign before it that makes it text. */
const harmless = (cell: string) => (/^[=@]|^[+-](?![\d.,\s%]*$)|^[\t\r]/.test(cell) ? `'${cell}` : cell);

/** A table for the clipboard, a line for each row. */
export function asText(table: Table, form: 'tsv' | 'csv'): string {
  const cell = (words: string) => {
    const safe = harmless(words.trim());
    if (form === 'tsv') return safe.replace(/[\t\r\n]+/g, ' ');
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const separator = form === 'tsv' ? '\t' : ',';
  return table.children
    .map((row) => row.children.map((one) => cell(plainText(one))).join(separator))
    .join('\n');
}
