import type { Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { blockQuote, list } from 'micromark-core-commonmark';
import { gfm } from 'micromark-extension-gfm';
import type { Construct, Extension } from 'micromark-util-types';
import { formulas, formulasFromMarkdown } from './mathSyntax';

/** No quotation and no list begins to the right of this column, which bounds how deep a text can nest. */
const DEEPEST = 100;

function bounded(construct: Construct): Construct {
  return {
    ...construct,
    name: `bounded ${construct.name}`,
    tokenize(effects, ok, nok) {
      return this.now().column > DEEPEST ? nok : construct.tokenize.call(this, effects, ok, nok);
    },
  };
}

const boundedList = bounded(list);
const everyListSign = [42, 43, 45, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57];

const shallow: Extension = {
  document: {
    ...Object.fromEntries(everyListSign.map((code) => [code, boundedList])),
    62: bounded(blockQuote),
  },
  disable: { null: ['blockQuote', 'list'] },
};

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

const options = {
  extensions: [gfm(), formulas(), shallow, labels],
  mdastExtensions: [gfmFromMarkdown(), formulasFromMarkdown()],
};

export function parseRoot(text: string): Root {
  try {
    return fromMarkdown(text, options);
  } catch {
    // The parser gives up where a text nests deeper than the stack; its words are shown as they are.
    return { type: 'root', children: [{ type: 'html', value: text, position: wholeOf(text) }] };
  }
}

function wholeOf(text: string) {
  const start = { line: 1, column: 1, offset: 0 };
  return { start, end: { ...start, offset: text.length } };
}
