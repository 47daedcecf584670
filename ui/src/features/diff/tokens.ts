/** A piece of a text that is the same as another or not: a word, a mark, a line. */
export type Token = {
  /** What it is compared by: the text without the blanks around it. */
  key: string;
  /** As it stands in the text, with its blanks. All of them in a row are the text. */
  text: string;
  /** How many words it holds. */
  words: number;
};

let segmenter: Intl.Segmenter | undefined;
const BLANK = /^\s+$/u;

/** The web views take the longer for each segment the longer the whole is: a page at once takes seconds. */
const AT_ONCE = 1000;

/** The segments of a text, cut line by line, and in long lines before a word. */
function* segmentsOf(text: string): Generator<{ segment: string; isWordLike?: boolean | undefined }> {
  // One for all: to make one takes longer than to cut an answer with it.
  segmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  let at = 0;
  while (at < text.length) {
    const line = text.indexOf('\n', at) + 1 || text.length;
    const end = Math.min(line, at + AT_ONCE);
    const segments = [...segmenter.segment(text.slice(at, end))];
    // The last one may be a part of a word.
    if (end < line && segments.length > 1) segments.pop();
    yield* segments;
    at += segments.reduce((length, { segment }) => length + segment.length, 0);
  }
}

/**
 * The words and marks of a text, each with the blanks that follow it; what a line is indented by belongs to its first
 * word. Scripts without blanks between words are cut by the dictionaries of the web view.
 */
export function wordsOf(text: string): Token[] {
  const tokens: Token[] = [];
  let indent = '';
  let open: { core: string; blanks: string; words: number } | null = null;

  function close(): void {
    if (!open) return;
    const cut = open.blanks.lastIndexOf('\n') + 1;
    const trail = cut === 0 ? open.blanks : open.blanks.slice(0, cut);
    tokens.push({
      key: open.core.normalize('NFC'),
      text: indent + open.core + trail,
      words: open.words,
    });
    indent = open.blanks.slice(trail.length);
    open = null;
  }

  for (const { segment, isWordLike } of segmentsOf(text)) {
    if (BLANK.test(segment)) {
      if (open) open.blanks += segment;
      else indent += segment;
    } else if (open && open.blanks === '' && !isWordLike && sameMark(open.core, segment)) {
      // Marks of Markdown are one: ** and ``` and ##.
      open.core += segment;
    } else {
      close();
      open = { core: segment, blanks: '', words: isWordLike ? 1 : 0 };
    }
  }
  close();
  if (indent !== '') tokens.push({ key: '', text: indent, words: 0 });
  return tokens;
}

const sameMark = (core: string, segment: string) => core.endsWith(segment) && core[0] === segment[0];

/** The lines of a text, each with its end. */
export function linesOf(text: string): Token[] {
  return (text.match(/[^\n]*\n|[^\n]+$/gu) ?? []).map((line) => ({
    key: line.trim(),
    text: line,
    words: line.match(/\S+/gu)?.length ?? 0,
  }));
}
