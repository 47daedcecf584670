import type { Code, Root, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { mathFromMarkdown } from 'mdast-util-math';
import { gfm } from 'micromark-extension-gfm';
import { math } from 'micromark-extension-math';

/** A top-level piece of a text. Its key is its place; a block that is done keeps its identity for good. */
export type Block = { key: number; node: RootContent };

/**
 * Reference definitions and footnotes are left as written: they reach back into text that is already
 * on the screen, so a block could never be called finished while an answer streams.
 */
const asWritten = { disable: { null: ['definition', 'gfmFootnoteDefinition', 'gfmFootnoteCall'] } };

function parseRoot(text: string): Root {
  return fromMarkdown(text, {
    extensions: [gfm(), math({ singleDollarTextMath: true }), asWritten],
    mdastExtensions: [gfmFromMarkdown(), mathFromMarkdown()],
  });
}

type Piece = { node: RootContent; start: number };

const openFence = /^ {0,3}(`{3,}|~{3,})([\w+#.-]*)[ \t]*\r?\n/;

/**
 * A fence that has not closed yet, read without the parser: a long listing would otherwise be parsed
 * again with each frame. Only the plain form is taken; anything else goes the usual way.
 */
function unclosedFence(text: string): Code | undefined {
  const opener = openFence.exec(text);
  if (!opener || text.startsWith(' ')) return undefined;
  const fence = opener[1] ?? '';
  const body = text.slice(opener[0].length);
  const closing = new RegExp(`(^|[\\r\\n]) {0,3}${fence[0]}{${fence.length},}[ \\t]*($|[\\r\\n])`);
  if (closing.test(body) || body.includes('\0')) return undefined;
  return { type: 'code', lang: opener[2] || null, meta: null, value: body.replace(/(\r?\n|\r)$/, '') };
}

function pieces(text: string): Piece[] {
  const fence = unclosedFence(text);
  if (fence) return [{ node: fence, start: 0 }];
  return parseRoot(text).children.map((node) => ({ node, start: node.position?.start.offset ?? 0 }));
}

function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at -= 1;
  return at;
}

/** Whether so many lines of a text are whole. */
function linesWhole(text: string, count: number): boolean {
  let at = -1;
  for (let line = 0; line < count; line += 1) {
    const end = text.slice(at + 1).search(/[\r\n]/);
    if (end < 0) return false;
    at += 1 + end;
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
  }
  return true;
}

/** All blocks of a text at once, by the parser alone. */
export function parseBlocks(text: string): Block[] {
  return parseRoot(text).children.map((node, key) => ({ key, node }));
}

/** How much is parsed at a time, in UTF-16 units. */
const STEP = 32_768;

/**
 * A text that grows. Blocks that can no longer change are kept; each update parses from the start of the
 * last block only. A block is done once the first line of the one after it is whole, for until then that
 * line may still turn out to belong to it ("#" becomes "#tag", "-" underlines a heading). A table is one
 * only when its second line is whole.
 */
export class GrowingText {
  #text = '';
  #done: Block[] = [];
  #tailAt = 0;
  #blocks: Block[] = [];

  get blocks(): Block[] {
    return this.#blocks;
  }

  update(text: string): Block[] {
    if (text === this.#text) return this.#blocks;
    if (!text.startsWith(this.#text)) {
      this.#done = [];
      this.#tailAt = 0;
    }
    this.#text = text;
    let step = STEP;
    let end = this.#tailAt;
    do {
      end = Math.min(text.length, end + step);
      // Where nothing gets done in a step, the next is larger, or one long list would be parsed over and over.
      step = this.#take(text.slice(this.#tailAt, end)) ? STEP : step * 2;
    } while (end < text.length);
    return this.#blocks;
  }

  /** Parses what is not done yet; returns whether some of it is done now. */
  #take(tail: string): boolean {
    const found = pieces(tail);
    let settled = 0;
    for (let next = 1; next < found.length; next += 1) {
      const { node, start } = found[next] as Piece;
      if (linesWhole(tail.slice(start), node.type === 'table' ? 2 : 1)) settled = next;
    }
    if (settled === 0 && found.length === 1 && found[0]?.node.type === 'paragraph' && tail.length >= STEP) {
      return this.#cutParagraph(tail);
    }
    const blocks = found.map(({ node }, at) => ({ key: this.#done.length + at, node }));
    this.#blocks = [...this.#done, ...blocks];
    if (settled > 0) {
      this.#done.push(...blocks.slice(0, settled));
      this.#tailAt += lineStart(tail, found[settled]?.start ?? 0);
    }
    return settled > 0;
  }

  /** A paragraph longer than a step is shown as several: parsed whole with each frame it would stop the window. */
  #cutParagraph(tail: string): boolean {
    const at = Math.max(tail.lastIndexOf(' '), tail.lastIndexOf('\n')) + 1 || tail.length;
    for (const { node } of pieces(tail.slice(0, at))) this.#done.push({ key: this.#done.length, node });
    this.#tailAt += at;
    const rest = pieces(tail.slice(at)).map(({ node }, index) => ({ key: this.#done.length + index, node }));
    this.#blocks = [...this.#done, ...rest];
    return true;
  }
}
