import type { Literal } from 'mdast';
import type { Extension as FromMarkdown } from 'mdast-util-from-markdown';
import { factorySpace } from 'micromark-factory-space';
import { markdownLineEnding, markdownLineEndingOrSpace, markdownSpace } from 'micromark-util-character';
import type { Code, Construct, Effects, Extension, State, Token, Tokenizer } from 'micromark-util-types';

/**
 * Mathematics as models write it: `$a$`, `$$a$$`, `\(a\)` and `\[a\]` in a paragraph, `$$` and `\[` on a
 * line of their own around a block. A dollar sign opens a formula only before a character and closes one
 * only after a character and not before a digit, so that prices stay prices.
 */
declare module 'mdast' {
  interface RootContentMap {
    math: Math;
    inlineMath: InlineMath;
  }
  interface BlockContentMap {
    math: Math;
  }
  interface PhrasingContentMap {
    inlineMath: InlineMath;
  }
}

export interface Math extends Literal {
  type: 'math';
  /** Whether its closing sign came. */
  closed: boolean;
}

export interface InlineMath extends Literal {
  type: 'inlineMath';
  /** Whether it stands on a line of its own. */
  display: boolean;
}

declare module 'micromark-util-types' {
  interface TokenTypeMap {
    formula: 'formula';
    formulaSign: 'formulaSign';
    formulaData: 'formulaData';
    formulaBlock: 'formulaBlock';
    formulaFence: 'formulaFence';
    formulaClosing: 'formulaClosing';
    formulaLine: 'formulaLine';
  }
  interface Token {
    _display?: boolean;
  }
}

const DOLLAR = 36;
const ROUND = 40;
const BACKSLASH = 92;
const SQUARE = 91;
/** A longer formula in a line of text is none. */
const LONGEST = 8_000;

const isDigit = (code: Code) => code !== null && code >= 48 && code <= 57;
const isLetter = (code: Code) =>
  code !== null && ((code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code > 127);

const dollarText: Tokenizer = function (effects, ok, nok) {
  const before = this.previous;
  let signs = 0;
  let closing = 0;
  let length = 0;
  let last: Code = null;
  let token: Token;
  return start;

  function start(code: Code): State | undefined {
    token = effects.enter('formula');
    effects.enter('formulaSign');
    return opening(code);
  }

  function opening(code: Code): State | undefined {
    if (code === DOLLAR && signs < 2) {
      signs += 1;
      effects.consume(code);
      return opening;
    }
    if (code === DOLLAR || code === null) return nok(code);
    if (signs === 1 && (markdownLineEndingOrSpace(code) || (isLetter(before) && isDigit(code)))) {
      return nok(code);
    }
    effects.exit('formulaSign');
    token._display = signs === 2;
    return between(code);
  }

  function between(code: Code): State | undefined {
    if (code === null || length > LONGEST) return nok(code);
    if (code === DOLLAR) {
      if (signs === 1 && markdownLineEndingOrSpace(last)) return nok(code);
      effects.enter('formulaSign');
      closing = 0;
      return close(code);
    }
    if (markdownLineEnding(code)) {
      last = code;
      effects.enter('lineEnding');
      effects.consume(code);
      effects.exit('lineEnding');
      return between;
    }
    effects.enter('formulaData');
    return data(code);
  }

  function data(code: Code): State | undefined {
    if (code === null || code === DOLLAR || markdownLineEnding(code)) {
      effects.exit('formulaData');
      return between(code);
    }
    last = code;
    length += 1;
    effects.consume(code);
    return code === BACKSLASH ? escaped : data;
  }

  function escaped(code: Code): State | undefined {
    if (code === null || markdownLineEnding(code)) return data(code);
    last = code;
    effects.consume(code);
    return data;
  }

  function close(code: Code): State | undefined {
    if (code === DOLLAR && closing < signs) {
      closing += 1;
      effects.consume(code);
      return close;
    }
    if (closing < signs || code === DOLLAR || (signs === 1 && isDigit(code))) return nok(code);
    effects.exit('formulaSign');
    effects.exit('formula');
    return ok(code);
  }
};

const slashText: Tokenizer = function (effects, ok, nok) {
  let closer = 0;
  let length = 0;
  let token: Token;
  const closing: Construct = { partial: true, tokenize: closingSign };
  return start;

  function closingSign(effects: Effects, ok: State, nok: State): State {
    return (code) => {
      effects.enter('formulaSign');
      effects.consume(code);
      return (next) => {
        if (next !== closer) return nok(next);
        effects.consume(next);
        effects.exit('formulaSign');
        return ok;
      };
    };
  }

  function start(code: Code): State {
    token = effects.enter('formula');
    effects.enter('formulaSign');
    effects.consume(code);
    return bracket;
  }

  function bracket(code: Code): State | undefined {
    if (code !== ROUND && code !== SQUARE) return nok(code);
    closer = code === ROUND ? 41 : 93;
    token._display = code === SQUARE;
    effects.consume(code);
    effects.exit('formulaSign');
    return between;
  }

  function between(code: Code): State | undefined {
    if (code === null || length > LONGEST) return nok(code);
    if (code === BACKSLASH) return effects.check(closing, end, dataStart)(code);
    if (markdownLineEnding(code)) {
      effects.enter('lineEnding');
      effects.consume(code);
      effects.exit('lineEnding');
      return between;
    }
    return dataStart(code);
  }

  function dataStart(code: Code): State | undefined {
    effects.enter('formulaData');
    if (code !== BACKSLASH) return data(code);
    effects.consume(code);
    return escaped;
  }

  function data(code: Code): State | undefined {
    if (code === null || code === BACKSLASH || markdownLineEnding(code)) {
      effects.exit('formulaData');
      return between(code);
    }
    length += 1;
    effects.consume(code);
    return data;
  }

  function escaped(code: Code): State | undefined {
    // A second opening: the first one was none.
    if (code === ROUND || code === SQUARE) return nok(code);
    if (code !== null && !markdownLineEnding(code)) {
      length += 2;
      effects.consume(code);
      return data;
    }
    return data(code);
  }

  function end(code: Code): State {
    effects.enter('formulaSign');
    effects.consume(code);
    return endBracket;
  }

  function endBracket(code: Code): State | undefined {
    effects.consume(code);
    effects.exit('formulaSign');
    effects.exit('formula');
    // An escaped link, "\[words\](address)", is no formula.
    return closer === 93 ? (next) => (next === ROUND ? nok(next) : ok(next)) : ok;
  }
};

/** The rest of a line after a closing sign: nothing but blanks. */
const blockEnd: Construct = {
  partial: true,
  tokenize(effects, ok, nok) {
    let first: Code = null;
    return (code) => {
      first = code;
      effects.enter('formulaClosing');
      effects.consume(code);
      return (next) => {
        if (next !== (first === DOLLAR ? DOLLAR : 93)) return nok(next);
        effects.consume(next);
        effects.exit('formulaClosing');
        return factorySpace(effects, (after) => (isLineEnd(after) ? ok(after) : nok(after)), 'whitespace');
      };
    };
  },
};

const isLineEnd = (code: Code) => code === null || markdownLineEnding(code);

const nonLazy: Construct = {
  partial: true,
  tokenize(effects, ok, nok) {
    return (code) => {
      if (code === null) return nok(code);
      effects.enter('lineEnding');
      effects.consume(code);
      effects.exit('lineEnding');
      return (next) => (this.parser.lazy[this.now().line] ? nok(next) : ok(next));
    };
  },
};

const block: Tokenizer = function (effects, ok, nok) {
  const interrupts = this.interrupt;
  let sign = 0;
  return start;

  function start(code: Code): State {
    sign = code === DOLLAR ? DOLLAR : BACKSLASH;
    effects.enter('formulaBlock');
    effects.enter('formulaFence');
    effects.consume(code);
    return second;
  }

  function second(code: Code): State | undefined {
    if (code !== (sign === DOLLAR ? DOLLAR : SQUARE)) return nok(code);
    effects.consume(code);
    effects.exit('formulaFence');
    return blanks;
  }

  function blanks(code: Code): State | undefined {
    if (markdownSpace(code)) return factorySpace(effects, blanks, 'whitespace')(code);
    if (!isLineEnd(code)) return nok(code);
    if (interrupts) return ok(code);
    return effects.attempt(nonLazy, lineStart, after)(code);
  }

  function lineStart(code: Code): State | undefined {
    if (code === null) return after(code);
    if (markdownLineEnding(code)) return effects.attempt(nonLazy, lineStart, after)(code);
    if (code === sign) return effects.attempt(blockEnd, after, content)(code);
    return content(code);
  }

  function content(code: Code): State {
    effects.enter('formulaLine');
    effects.consume(code);
    return line;
  }

  function line(code: Code): State | undefined {
    if (isLineEnd(code) || code === sign) {
      effects.exit('formulaLine');
      return lineStart(code);
    }
    effects.consume(code);
    return line;
  }

  function after(code: Code): State | undefined {
    effects.exit('formulaBlock');
    return ok(code);
  }
};

export function formulas(): Extension {
  const flow: Construct = { name: 'formulaBlock', concrete: true, tokenize: block };
  return {
    flow: { [DOLLAR]: flow, [BACKSLASH]: flow },
    text: {
      [DOLLAR]: {
        name: 'formula',
        tokenize: dollarText,
        previous(code) {
          return code !== DOLLAR || this.events.at(-1)?.[1].type === 'characterEscape';
        },
      },
      [BACKSLASH]: { name: 'formula', tokenize: slashText },
    },
  };
}

export function formulasFromMarkdown(): FromMarkdown {
  return {
    enter: {
      formula(token) {
        this.enter({ type: 'inlineMath', value: '', display: token._display === true }, token);
        this.buffer();
      },
      formulaBlock(token) {
        this.enter({ type: 'math', value: '', closed: false }, token);
        this.buffer();
      },
    },
    exit: {
      formulaData(token) {
        this.config.enter.data?.call(this, token);
        this.config.exit.data?.call(this, token);
      },
      formulaLine(token) {
        this.config.enter.data?.call(this, token);
        this.config.exit.data?.call(this, token);
      },
      formula(token) {
        const value = this.resume();
        const node = this.stack.at(-1);
        if (node?.type === 'inlineMath') node.value = value.trim();
        this.exit(token);
      },
      formulaClosing() {
        this.data.formulaClosed = true;
      },
      formulaBlock(token) {
        const value = this.resume();
        const node = this.stack.at(-1);
        if (node?.type === 'math') {
          node.value = value.trim();
          node.closed = this.data.formulaClosed === true;
        }
        this.data.formulaClosed = false;
        this.exit(token);
      },
    },
  };
}

declare module 'mdast-util-from-markdown' {
  interface CompileData {
    formulaClosed?: boolean;
  }
}
