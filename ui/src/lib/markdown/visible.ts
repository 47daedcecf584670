/** A stretch of text as it is, or of characters that cannot be seen. */
export type Stretch = { text: string; hidden: boolean };

/**
 * Characters without a shape: control codes, soft hyphen, joiners and blanks without a width, direction marks
 * and overrides, invisible operators, tags, variation selectors, fillers.
 */
const HIDDEN =
  '\\0-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\u00AD\\u034F\\u061C\\u115F\\u1160\\u17B4\\u17B5\\u180B-\\u180F' +
  '\\u200B-\\u200F\\u2028-\\u202E\\u2060-\\u206F\\u3164\\uFE00-\\uFE0F\\uFEFF\\uFFA0\\uFFF0-\\uFFFB' +
  '\\u{1BCA0}-\\u{1BCA3}\\u{1D173}-\\u{1D17A}\\u{E0000}-\\u{E0FFF}';
/* eslint-disable no-misleading-character-class -- the class is made of such characters */
const any = new RegExp(`[${HIDDEN}]`, 'u');
const runs = new RegExp(`[${HIDDEN}]+`, 'gu');

/* eslint-enable no-misleading-character-class */

/** Scripts whose letters change their shape with a joiner or a non-joiner between them. */
const JOINING =
  '\\p{scx=Arab}\\p{scx=Syrc}\\p{scx=Mong}\\p{scx=Nkoo}\\p{scx=Mand}\\p{scx=Thaa}\\p{scx=Adlm}\\p{scx=Rohg}' +
  '\\p{scx=Deva}\\p{scx=Beng}\\p{scx=Guru}\\p{scx=Gujr}\\p{scx=Orya}\\p{scx=Taml}\\p{scx=Telu}\\p{scx=Knda}' +
  '\\p{scx=Mlym}\\p{scx=Sinh}\\p{scx=Khmr}\\p{scx=Mymr}\\p{scx=Tibt}';
const joining = new RegExp(`(?=[\\p{L}\\p{M}])[${JOINING}]`, 'u');
const indicEnd = /\p{M}$/u;
const emojiEnd = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\u{1F1E6}-\u{1F1FF}]\uFE0F?$/u;
const emojiStart = /^[\p{Extended_Pictographic}♀♂⚕⚖✈❤]/u;
const letterEnd = /\p{L}$/u;
const letterStart = /^\p{L}/u;
/** The flags of England, Scotland and Wales: a black flag and tags. No other sequence of tags is in use. */
const flagTags =
  /^(?:\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F})$/u;
const variable = /[\p{L}\p{N}\p{S}\p{P}\p{M}]$/u;

/**
 * Whether a run of them does its work in writing: one joiner between letters of a joining script (or after
 * the mark of an Indic letter at the end of a word), one joiner between emoji, one variation selector after a
 * character, a soft hyphen within a word, the tags of a flag. More than one at a place is never needed.
 */
function isOrthography(run: string, before: string, after: string): boolean {
  if (/^\uFE0F\u200D$/u.test(run)) return emojiEnd.test(before) && emojiStart.test(after);
  if (flagTags.test(run)) return before.endsWith('\u{1F3F4}');
  if ([...run].length > 1) return false;
  if (run === '\u00AD') return letterEnd.test(before) && letterStart.test(after);
  if (/^[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]$/u.test(run)) return variable.test(before);
  if (run !== '\u200C' && run !== '\u200D') return false;
  const last = [...before.slice(-2)].at(-1) ?? '';
  const next = [...after.slice(0, 2)][0] ?? '';
  if (joining.test(last) && (joining.test(next) || (run === '\u200D' && indicEnd.test(last)))) return true;
  return run === '\u200D' && emojiEnd.test(before) && emojiStart.test(after);
}

/** Whether a text may hold characters that cannot be seen; quick for one that does not. */
export const mayHide = (text: string): boolean => any.test(text);

/** Nothing in it wants an element of its own, as in nearly every text: it can stand as it is. */
export const isPlain = (text: string): boolean => !mayHide(text) && !hasEndlessWord(text);

/** A text in stretches: what can be seen, and what cannot and is shown by its codes. */
export function stretches(text: string): Stretch[] {
  const found: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(runs)) {
    const run = match[0];
    const end = match.index + run.length;
    const before = text.slice(Math.max(0, match.index - 8), match.index);
    if (isOrthography(run, before, text.slice(end, end + 8))) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index), hidden: false });
    found.push({ text: run, hidden: true });
    from = end;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), hidden: false });
  return found;
}

const SHOWN_CODES = 3;

/** The codes of characters as people look them up: "U+202E", "U+200B ×40", "U+E0041 U+E0042 +7". */
export function codesOf(hidden: string): string {
  const signs = [...hidden];
  const names = signs.map(
    (sign) => `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
  if (names.length > 1 && names.every((name) => name === names[0])) return `${names[0]} ×${names.length}`;
  const rest = names.length - SHOWN_CODES;
  return names.slice(0, SHOWN_CODES).join(' ') + (rest > 0 ? ` +${rest}` : '');
}

/** Where a text holds so many runs of them that it is enough for one element; its length where it does not. */
export function enoughHidden(text: string, most: number): number {
  if (!mayHide(text)) return text.length;
  let count = 0;
  for (const match of text.matchAll(runs)) {
    count += 1;
    if (count > most) return match.index;
  }
  return text.length;
}

/** A word of this many UTF-16 units is no language's. */
const LONGEST_WORD = 1_000;
const blank = /\s/g;

/** Whether a word in a text is so long that it is broken over lines wherever one is full. */
export function hasEndlessWord(text: string): boolean {
  let from = 0;
  while (text.length - from > LONGEST_WORD) {
    blank.lastIndex = from;
    const end = blank.exec(text)?.index ?? text.length;
    if (end - from > LONGEST_WORD) return true;
    from = end + 1;
  }
  return false;
}
