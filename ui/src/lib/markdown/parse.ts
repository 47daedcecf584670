import type { List, ListItem, RootContent, Table, TableRow } from 'mdast';
import { mend } from './mend';
import { parseRoot } from './syntax';

/** A top-level piece of a text. Its key is its place; a block that is done keeps its identity for good. */
export type Block = {
  key: number;
  node: RootContent;
  /** More may come at its end. */
  open?: boolean;
  /** It goes on where the block before it was cut for its length. */
  joined?: boolean;
};

type Piece = { node: RootContent; start: number; open?: boolean };

/** A list or table of which the finished part is kept and only the last item or row is parsed again. */
type Unfinished =
  | { type: 'list'; items: ListItem[]; ordered: boolean; start: number | null; spread: boolean }
  | { type: 'table'; rows: TableRow[]; head: string };

const openFence = /^(`{3,}|~{3,})([\w+#.-]*)[ \t]*\r?\n/;

function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at -= 1;
  return at;
}

/** Where a text goes on after so many whole lines; -1 where they are not whole. */
function afterLines(text: string, from: number, count: number): number {
  let at = from;
  for (let line = 0; line < count; line += 1) {
    while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at += 1;
    if (at >= text.length) return -1;
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
  }
  return at;
}

/** All blocks of a text at once, by the parser alone. */
export function parseBlocks(text: string): Block[] {
  return parseRoot(text).children.map((node, key) => ({ key, node }));
}

/**
 * How much is parsed at a time and how large a block may be, counted in UTF-16 units. What the parser
 * reads again and again (brackets, stars) counts more, for it costs more than in proportion.
 */
const STEP = 4_096;
const LARGEST = 16_384;
const HEAVY = 12;
const heavy = new Set([...'[]*_`<~$\\|'].map((sign) => sign.charCodeAt(0)));

/** Characters that cannot be seen become elements of their own. */
const isUnseen = (unit: number) =>
  (unit >= 0x200b && unit <= 0x206f) || unit === 0xad || unit === 0xfeff || unit === 0xdb40 || unit < 9;

function stepEnd(text: string, from: number, most: number): number {
  let weight = 0;
  let at = from;
  for (; at < text.length && weight < most; at += 1) {
    const unit = text.charCodeAt(at);
    weight += heavy.has(unit) || isUnseen(unit) ? HEAVY : 1;
  }
  return at;
}

/** An open end longer than this is not parsed again for every few letters. */
const OFTEN = 4_096;

const startOf = (node: RootContent | ListItem | TableRow) => node.position?.start.offset ?? 0;

const blankBetween = (before: ListItem, after: ListItem) =>
  (after.position?.start.line ?? 0) - (before.position?.end.line ?? 0) > 1;

/**
 * Whether the parser reads the line after a block as following a paragraph: a definition may still get its
 * title there, and after an indented listing no list begins with another number than 1.
 */
function leansOn(before: RootContent, after: RootContent): boolean {
  if (before.type === 'code') return after.type === 'paragraph';
  const gap = (after.position?.start.line ?? 0) - (before.position?.end.line ?? 0);
  return before.type === 'definition' && gap < 2;
}

/**
 * A text that grows. Blocks that can no longer change are kept; each update parses from the start of the
 * last block only, and of a list or table from its last item or row. A block is done once the first line of
 * the one after it is whole, for until then that line may still turn out to belong to it ("#" becomes
 * "#tag", "-" underlines a heading). A table is one only when its second line is whole.
 */
export class GrowingText {
  #text = '';
  #done: Block[] = [];
  #tailAt = 0;
  #unfinished: Unfinished | null = null;
  #blocks: Block[] = [];
  #readTo = 0;
  /** As `#readTo`, without what was left for later because it was little. */
  #shownTo = 0;
  #fenceReadTo = 0;
  #cut = false;
  #live = false;
  #stepSize = STEP;

  get blocks(): Block[] {
    return this.#blocks;
  }

  /** Whether some of the text is not parsed yet. */
  get behind(): boolean {
    return this.#readTo < this.#text.length;
  }

  /** Whether the end of a long block is not shown yet; a call with the same text shows it. */
  get late(): boolean {
    return this.#shownTo < this.#text.length;
  }

  /**
   * The blocks of a text, most often of the last one with more at its end. `live` says that more is to come:
   * the last block is then shown as if its open signs were closed, and a long one is parsed less often.
   * `steps` bounds the work; where it is not enough, `behind` is true and the next call goes on.
   */
  update(text: string, live = false, steps = Infinity): Block[] {
    if (!text.startsWith(this.#text)) this.#begin();
    const same = this.#text === text;
    const settled = same && !this.late && this.#live === live;
    const rested = !this.behind && !same;
    this.#text = text;
    this.#live = live;
    if (settled) return this.#blocks;
    const tail = text.length - this.#tailAt;
    if (live && rested && tail > OFTEN && (text.length - this.#shownTo) * 64 < tail) {
      this.#readTo = text.length;
      return this.#blocks;
    }
    for (let step = 0; step < steps; step += 1) {
      if (this.#step()) break;
    }
    return this.#blocks;
  }

  #begin(): void {
    this.#done = [];
    this.#tailAt = 0;
    this.#unfinished = null;
    this.#readTo = 0;
    this.#shownTo = 0;
    this.#fenceReadTo = 0;
    this.#cut = false;
    this.#stepSize = STEP;
  }

  /** Parses one step of what is not done; true when the end of the text is reached. */
  #step(): boolean {
    const text = this.#text;
    const fence = this.#unfinished ? undefined : this.#fence();
    if (fence) {
      this.#show([fence.piece]);
      if (fence.until !== null) {
        this.#done = [...this.#blocks];
        this.#tailAt = fence.until;
        this.#cut = false;
      }
      this.#readTo = this.#shownTo = fence.until ?? text.length;
      return this.#readTo >= text.length;
    }
    const end = stepEnd(text, this.#tailAt, this.#stepSize);
    const tail = text.slice(this.#tailAt, end);
    const found = this.#pieces(tail);
    const settled = this.#settle(tail, found);
    if (!settled && end < text.length && this.#stepSize >= LARGEST) this.#cutAt(tail, found);
    else this.#stepSize = settled ? STEP : Math.min(this.#stepSize * 2, LARGEST);
    this.#readTo = this.#shownTo = end;
    if (end >= text.length && this.#live) this.#mend();
    return end >= text.length;
  }

  /** The pieces of the open end, whose first goes on with what is kept of an unfinished list or table. */
  #pieces(tail: string): Piece[] {
    const open = this.#unfinished;
    const head = open?.type === 'table' ? open.head : '';
    const found = parseRoot(head + tail).children.map((node) => ({
      node,
      start: startOf(node) - head.length,
    }));
    const first = found[0];
    if (open?.type === 'list' && first?.node.type === 'list') {
      const { items, ordered, start, spread } = open;
      const children = [...items, ...first.node.children];
      first.node = { ...first.node, ordered, start, spread: spread || first.node.spread === true, children };
    } else if (open?.type === 'table' && first?.node.type === 'table') {
      const [header, ...rows] = first.node.children;
      first.node = { ...first.node, children: header ? [header, ...open.rows, ...rows] : rows };
    }
    return found;
  }

  /** Keeps what can no longer change; whether that was anything. */
  #settle(tail: string, found: Piece[]): boolean {
    let settled = 0;
    for (let next = 1; next < found.length; next += 1) {
      const { node, start } = found[next] as Piece;
      const before = (found[next - 1] as Piece).node;
      if (leansOn(before, node)) continue;
      if (afterLines(tail, start, node.type === 'table' ? 2 : 1) >= 0) settled = next;
    }
    this.#show(found);
    if (settled > 0) {
      this.#done.push(...this.#blocks.slice(this.#done.length, this.#done.length + settled));
      const from = lineStart(tail, found[settled]?.start ?? 0);
      this.#tailAt += from;
      this.#unfinished = null;
      this.#cut = false;
      this.#keep(tail.slice(from), found[settled], from);
      return true;
    }
    return this.#keep(tail, found[0], 0);
  }

  #show(found: Piece[]): void {
    const from = this.#done.length;
    const fresh = found.map(({ node, open }, at) => {
      const block: Block = { key: from + at, node };
      if (open ?? at === found.length - 1) block.open = true;
      if (this.#cut && at === 0) block.joined = true;
      return block;
    });
    this.#blocks = [...this.#done, ...fresh];
  }

  /** Keeps the finished items or rows of the last block, so that the open end begins with the last one. */
  #keep(tail: string, piece: Piece | undefined, shift: number): boolean {
    if (piece?.node.type === 'list') return this.#keepItems(tail, piece.node, shift);
    if (piece?.node.type === 'table') return this.#keepRows(tail, piece.node, shift);
    return false;
  }

  #keepItems(tail: string, list: List, shift: number): boolean {
    const open = this.#unfinished?.type === 'list' ? this.#unfinished : null;
    const kept = open?.items.length ?? 0;
    let last = -1;
    for (let at = list.children.length - 1; at > kept; at -= 1) {
      const item = list.children[at] as ListItem;
      if (afterLines(tail, startOf(item) - shift, 1) < 0) continue;
      last = at;
      break;
    }
    if (last < 0) return false;
    let spread = open?.spread ?? false;
    for (let at = Math.max(kept, 0); at < last && !spread; at += 1) {
      spread = blankBetween(list.children[at] as ListItem, list.children[at + 1] as ListItem);
    }
    const from = lineStart(tail, startOf(list.children[last] as ListItem) - shift);
    this.#unfinished = {
      type: 'list',
      items: list.children.slice(0, last),
      ordered: list.ordered === true,
      start: list.start ?? null,
      spread,
    };
    this.#tailAt += from;
    return from > 0;
  }

  #keepRows(tail: string, table: Table, shift: number): boolean {
    const open = this.#unfinished?.type === 'table' ? this.#unfinished : null;
    const headEnd = open ? 0 : afterLines(tail, 0, 2);
    if (headEnd < 0 || table.children.length < 3) return false;
    const head = open?.head ?? tail.slice(0, headEnd);
    const last = table.children.at(-1) as TableRow;
    const offset = startOf(last) - shift - (open ? head.length : 0);
    const from = lineStart(tail, offset);
    if (from <= 0) return false;
    this.#unfinished = { type: 'table', rows: table.children.slice(1, -1), head };
    this.#tailAt += from;
    return true;
  }

  /**
   * Cuts a block that is larger than the largest step, at a line or a blank: parsed whole with each frame it would stop
   * the window. The place depends on the text alone, not on how it came.
   */
  #cutAt(tail: string, found: Piece[]): void {
    const line = Math.max(tail.lastIndexOf('\n'), tail.lastIndexOf('\r')) + 1;
    const from = line > tail.length / 2 ? line : tail.lastIndexOf(' ') + 1 || line || tail.length;
    const pieces = from < tail.length ? this.#pieces(tail.slice(0, from)) : found;
    this.#show(pieces);
    this.#done = this.#blocks.map((block) => (block.open ? { ...block, open: false } : block));
    this.#tailAt += from;
    this.#unfinished = null;
    this.#cut = true;
  }

  /**
   * A plain fence at the start of the open end, read without the parser and no line of it twice: a long
   * listing would otherwise be parsed again with each frame. Open until the line of its closing is whole.
   */
  #fence(): { piece: Piece; until: number | null } | undefined {
    const text = this.#text;
    const opener = openFence.exec(text.slice(this.#tailAt, this.#tailAt + 200));
    if (!opener) return undefined;
    const [whole, fence = '', lang = ''] = opener;
    const from = this.#tailAt + whole.length;
    const closer = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*[\\r\\n]*$`);
    const listing = (to: number, open: boolean): Piece => {
      const value = text
        .slice(from, to)
        .replace(/(\r?\n|\r)$/, '')
        .replaceAll('\0', '\uFFFD');
      return { node: { type: 'code', lang: lang || null, meta: null, value }, start: 0, open };
    };
    let at = Math.max(from, this.#fenceReadTo);
    while (at < text.length) {
      const next = afterLines(text, at, 1);
      const line = text.slice(at, Math.min(next < 0 ? text.length : next, at + 1_000));
      this.#fenceReadTo = at;
      if (closer.test(line)) return { piece: listing(at, false), until: next < 0 ? null : next };
      if (next < 0) break;
      at = next;
    }
    this.#fenceReadTo = at;
    // The beginning of a closing is not shown as a line of code.
    const closing =
      this.#live && new RegExp(`^ {0,3}${fence[0]}+$`).test(text.slice(at, at + fence.length + 3));
    return { piece: listing(closing ? at : text.length, true), until: null };
  }

  /** The last block as if its open signs were closed, so that it does not change its form with each word. */
  #mend(): void {
    const last = this.#blocks.at(-1);
    if (!last || last.key < this.#done.length) return;
    const tail = this.#text.slice(this.#tailAt);
    const mended = mend(tail);
    if (mended !== tail) this.#show(this.#pieces(mended));
  }
}
