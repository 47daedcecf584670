import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Construct, Extension } from 'micromark-util-types';
import { formulas, formulasFromMarkdown } from './mathSyntax';

/** No quotation and no list begins to the right of this column, which bounds how deep a text can nest. */
const DEEPEST = 100;
const containers = new Set<string | undefined>(['blockQuote', 'list']);

/** Bounds the containers of a parse; the construct itself never matches. */
const bound: Construct = {
  name: 'bound',
  tokenize(_effects, _ok, nok) {
    const includes = (name: string | undefined) => containers.has(name) && this.now().column > DEEPEST;
    Object.assign(this.parser.constructs.disable, { null: { includes } });
    return nok;
  },
};
const containerSigns = [42, 43, 45, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 62];
const shallow: Extension = { document: Object.fromEntries(containerSigns.map((code) => [code, bound])) };

const all = { includes: () => true, push: () => 0 };

/**
 * Takes every label for defined. The parser would otherwise look through the whole text for a definition,
 * and a block that stands on the screen could change because of one that comes later; whether a label has a
 * definition is asked when it is shown. The construct itself never matches.
 */
const everyLabel: Construct = {
  name: 'everyLabel',
  tokenize(_effects, _ok, nok) {
    Object.assign(this.parser, { defined: all, gfmFootnotes: all });
    return nok;
  },
};
const labels: Extension = { text: { 33: everyLabel, 91: everyLabel } };

const MARK = '\uFEFF';

const options = {
  extensions: [gfm(), formulas(), shallow, labels],
  mdastExtensions: [gfmFromMarkdown(), formulasFromMarkdown()],
};

export function parseRoot(text: string): Root {
  try {
    // The parser drops a byte order mark at the start; here it is a hidden character like others.
    return fromMarkdown(text.startsWith(MARK) ? MARK + text : text, options);
  } catch {
    // The parser gives up where a text nests deeper than the stack; its words are shown as they are.
    return { type: 'root', children: [{ type: 'html', value: text, position: wholeOf(text) }] };
  }
}

function wholeOf(text: string) {
  const start = { line: 1, column: 1, offset: 0 };
  return { start, end: { ...start, offset: text.length } };
}
