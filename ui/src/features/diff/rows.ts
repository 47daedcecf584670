import type { Stretch } from './compare';
import type { Token } from './tokens';

/** A run of text within a row. */
export type Piece =
  | { kind: 'same'; left: string; right: string }
  /** Only one of the texts has it; `at` is the difference it belongs to, from 0. */
  | { kind: 'del' | 'ins'; text: string; at: number };

/** Lines that stand side by side. */
export type Row = { pieces: Piece[] };

/** Puts what belongs together side by side: a row ends where a line ends in both texts. */
export function rowsOf(stretches: Stretch[]): Row[] {
  const rows: Row[] = [];
  let pieces: Piece[] = [];
  /** At the beginning of a line: of the row itself, or after an end. */
  let fresh = { left: true, right: true };
  let changes = -1;

  function close(): void {
    if (pieces.length === 0) return;
    rows.push({ pieces });
    pieces = [];
    fresh = { left: true, right: true };
  }
  const rest = () => {
    if (fresh.left && fresh.right) close();
  };

  function same(left: string, right: string): void {
    const last = pieces.at(-1);
    if (last?.kind === 'same') {
      last.left += left;
      last.right += right;
    } else pieces.push({ kind: 'same', left, right });
    fresh = { left: left.endsWith('\n'), right: right.endsWith('\n') };
    rest();
  }

  /** In one text all that is gone stands before what comes in its place. */
  function add(kind: 'del' | 'ins', text: string, at: number): void {
    const place = pieces.findIndex(
      (piece) => piece.kind !== 'same' && piece.at === at && (kind === 'del' || piece.kind === 'ins'),
    );
    const known = pieces[place];
    if (known?.kind === kind) known.text += text;
    else pieces.splice(place < 0 ? pieces.length : place, 0, { kind, text, at });
  }

  function change(left: string[], right: string[], at: number): void {
    for (let line = 0; line < Math.max(left.length, right.length); line += 1) {
      const gone = left[line];
      const come = right[line];
      if (gone !== undefined) {
        add('del', gone, at);
        fresh.left = gone.endsWith('\n');
      }
      if (come !== undefined) {
        add('ins', come, at);
        fresh.right = come.endsWith('\n');
      }
      rest();
    }
  }

  for (const stretch of stretches) {
    if (stretch.kind === 'same') {
      stretch.left.forEach(({ text }, at) => same(text, stretch.right[at]?.text ?? text));
    } else {
      changes += 1;
      change(linesIn(stretch.left), linesIn(stretch.right), changes);
    }
  }
  close();
  return rows;
}

/** The text of tokens, cut after each line. */
function linesIn(tokens: Token[]): string[] {
  const lines: string[] = [];
  let open = '';
  for (const { text } of tokens) {
    open += text;
    if (!text.endsWith('\n')) continue;
    lines.push(open);
    open = '';
  }
  if (open !== '') lines.push(open);
  return lines;
}
