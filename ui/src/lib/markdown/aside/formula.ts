import katex, { type KatexOptions } from 'katex';
import { inAlphabet } from './alphabets';

/** MathML as data: a name, attributes, and what is inside. */
export type MathTree = { tag: string; attributes: Record<string, string>; children: (MathTree | string)[] };

const LONGEST = 20_000;
const MOST_NODES = 8_000;
const DEEPEST = 120;

const tags = new Set(
  (
    'math mrow mi mo mn ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom msub msup msubsup munder ' +
    'mover munderover mmultiscripts mprescripts mtable mtr mtd menclose none'
  ).split(' '),
);
const plain = new Set(
  (
    'accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height ' +
    'largeop linethickness lspace mathsize maxsize minsize movablelimits notation rowlines rowspacing rspace ' +
    'scriptlevel separator stretchy symmetric voffset width'
  ).split(' '),
);

/** What KaTeX builds: nodes of MathML, spans around them, and text. */
type Built = {
  type?: string;
  text?: string;
  /** Of a blank, in em. */
  width?: number;
  attributes?: Record<string, unknown>;
  children?: Built[];
};

/** KaTeX offers its tree, unsupported, so the version is pinned and a test looks at what comes. */
const { __renderToDomTree: build } = katex as unknown as {
  __renderToDomTree(source: string, options: KatexOptions): Built;
};

class TooLarge extends Error {}

class Copy {
  #nodes = 0;

  of(built: Built, depth: number): (MathTree | string)[] {
    this.#nodes += 1;
    if (this.#nodes > MOST_NODES || depth > DEEPEST) throw new TooLarge();
    if (typeof built.text === 'string') return [built.text];
    if (typeof built.width === 'number' && built.children === undefined) {
      return [{ tag: 'mspace', attributes: { width: `${built.width}em` }, children: [] }];
    }
    const inside = () => (built.children ?? []).flatMap((child) => this.of(child, depth + 1));
    if (built.type === undefined) return inside();
    // The first child is the formula, the second its source.
    if (built.type === 'semantics') return built.children?.[0] ? this.of(built.children[0], depth) : [];
    if (built.type === 'annotation') return [];
    return [{ tag: tags.has(built.type) ? built.type : 'mrow', ...this.#dressed(built, inside()) }];
  }

  #dressed({ type, attributes }: Built, inside: (MathTree | string)[]): Omit<MathTree, 'tag'> {
    const kept: Record<string, string> = {};
    for (const [name, value] of Object.entries(attributes ?? {})) {
      const words = String(value);
      if (plain.has(name) && /^[\w .%+-]*$/.test(words)) kept[name] = words;
      if (name === 'mathcolor' && /^#?\w+$/.test(words)) kept[name] = words;
    }
    let children = joined(inside);
    const variant = attributes?.mathvariant;
    if (variant === 'normal' && type === 'mi') kept.mathvariant = 'normal';
    else if (typeof variant === 'string') {
      // Browsers know only the letters themselves, not the attribute.
      children = children.map((child) => (typeof child === 'string' ? inAlphabet(child, variant) : child));
    }
    if (type === 'mtable') alignCells(children, kept.columnalign);
    return { attributes: kept, children };
  }
}

/** Neighbouring texts as one, so that a screen reader reads them as one word. */
function joined(children: (MathTree | string)[]): (MathTree | string)[] {
  const result: (MathTree | string)[] = [];
  for (const child of children) {
    const last = result.at(-1);
    if (typeof child === 'string' && typeof last === 'string') result[result.length - 1] = last + child;
    else result.push(child);
  }
  return result;
}

/** The side of a column on each of its cells, where CSS can see it. */
function alignCells(rows: (MathTree | string)[], columnalign: string | undefined): void {
  const sides = columnalign?.trim().split(/\s+/) ?? [];
  if (sides.length === 0) return;
  for (const row of rows) {
    if (typeof row === 'string' || row.tag !== 'mtr') continue;
    row.children.forEach((cell, at) => {
      if (typeof cell !== 'string')
        cell.attributes.columnalign = sides[Math.min(at, sides.length - 1)] ?? 'center';
    });
  }
}

/**
 * A formula as a tree of MathML elements and attributes that are known to be harmless; null where it is not
 * LaTeX, too long, or grows beyond its bounds. Nothing is trusted: no address, no markup, no style.
 */
export function formulaTree(source: string, display: boolean): MathTree | null {
  if (source.length > LONGEST) return null;
  try {
    const built = build(source, {
      displayMode: display,
      output: 'mathml',
      throwOnError: true,
      errorColor: 'currentcolor',
      trust: false,
      // Markup inside of a formula is an error; letters of other scripts and line breaks are not.
      strict: (code: string) => (code === 'htmlExtension' ? 'error' : 'ignore'),
      maxExpand: 1_000,
      maxSize: 40,
      globalGroup: false,
      macros: {},
    });
    const [tree] = new Copy().of(built, 0);
    return typeof tree === 'object' && tree.tag === 'math' ? tree : null;
  } catch {
    return null;
  }
}
