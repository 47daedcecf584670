/** Lines that may become something else with their next letters: they wait until it shows what they are. */
const undecided =
  /^[ \t]*(?:[-=*_+#>]+[ \t]*|\d{1,9}[.)]?|`{1,}[\w+#.-]*|~{2,}[\w+#.-]*|\$\$?|\\\[?|(?:- )?\[[ xX]?\]?|[-*+] \[[ xX]?\]?)$/;
/** A row of a table whose second line has not come, or has not come whole. */
const firstRow = /^ {0,3}\|.*\|[ \t]*$/;
const secondRow = /^ {0,3}\|?[ \t:|-]*$/;

/** Where the last paragraph of a text begins, roughly: after a blank line or the start of a block. */
function lastParagraph(text: string): number {
  const blank = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\n\r\n'));
  let at = blank < 0 ? 0 : blank + 2;
  for (const block of text
    .slice(at)
    .matchAll(/^[ \t]*(?:>[ \t]?)*(?:[-*+]|\d{1,9}[.)]|#{1,6})[ \t]+|^[ \t]*\|/gm)) {
    at = Math.max(at, (blank < 0 ? 0 : blank + 2) + block.index + block[0].length);
  }
  return at;
}

const isWord = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
const isBlank = (sign: string | undefined) => sign === undefined || /\s/.test(sign);

/** Walks the signs of a paragraph; what is open at its end, and where a link or image began that has no end. */
function openSigns(text: string): { open: string[]; unended: number } {
  const open: string[] = [];
  const brackets: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (sign === '\\') {
      at += 1;
    } else if (sign === '`') {
      const run = (/^`+/.exec(text.slice(at)) as RegExpExecArray)[0];
      const close = text.indexOf(run, at + run.length);
      if (close < 0) return { open: [...open, run], unended: -1 };
      at = close + run.length - 1;
    } else if (sign === '[') {
      brackets.push(text[at - 1] === '!' ? at - 1 : at);
    } else if (sign === ']' && brackets.length > 0) {
      const from = brackets.pop() as number;
      if (text[at + 1] !== '(') continue;
      const close = text.indexOf(')', at);
      if (close < 0) return { open, unended: from };
      at = close;
    } else if (sign === '*' || sign === '_' || (sign === '~' && text[at + 1] === '~')) {
      const run = sign === '~' || text[at + 1] === sign ? sign + sign : sign;
      const before = text[at - 1];
      const after = text[at + run.length];
      at += run.length - 1;
      const within = sign === '_' && isWord(before) && isWord(after);
      if (within) continue;
      const known = open.lastIndexOf(run);
      if (known >= 0 && !isBlank(before)) open.length = known;
      else if (!isBlank(after)) open.push(run);
    }
  }
  return { open, unended: -1 };
}

/**
 * A text that grows, made so that its last words already stand in the form they will most likely have:
 * open emphasis and code are closed, half a link shows its words alone, the first row of a table is one, and
 * a sign that says nothing yet waits. Only what is shown of the last block comes from here, never what is kept.
 */
export function mend(text: string): string {
  const at = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
  const line = text.slice(at);
  const before = text.slice(0, at);
  if (undecided.test(line)) return before.replace(/[\r\n]+$/, '');
  const table = waitingTable(before, line);
  if (table !== null) return table;
  return closeSigns(text);
}

function waitingTable(before: string, line: string): string | null {
  if (/^ {0,3}\|/.test(line) && !/\n[ \t]*\|.*\r?\n$|^[ \t]*\|.*\r?\n$/.test(before)) {
    return before.replace(/[\r\n]+$/, '');
  }
  const header = /(?:^|\n)([^\n]*)\r?\n$/.exec(before)?.[1] ?? '';
  const above = before.slice(0, before.length - header.length - 1);
  const isFirst = firstRow.test(header) && !/\|[^\n]*\r?\n$/.test(above);
  if (!isFirst || !secondRow.test(line)) return null;
  const columns =
    (
      header
        .trim()
        .replace(/^\||\|$/g, '')
        .match(/(?<!\\)\|/g) ?? []
    ).length + 1;
  return `${before}|${' --- |'.repeat(columns)}`;
}

function closeSigns(text: string): string {
  const from = lastParagraph(text);
  const words = text.slice(from);
  const { open, unended } = openSigns(words);
  if (unended >= 0) return text.slice(0, from) + halfLink(words, unended);
  // A sign with nothing after it yet waits.
  if (open.length === 0) return text.replace(/(^|[\s([{])[*_~]+$/, '$1').replace(/[ \t]+$/, '');
  const code = open.at(-1)?.startsWith('`') ?? false;
  if (code && text.endsWith('`')) return closeSigns(text.replace(/[ \t]*`+$/, ''));
  // The first star of two, or one that opens nothing yet.
  const bare = code ? text : text.replace(/[ \t]*[*_~]+$/, '');
  const still = bare === text ? open : openSigns(bare.slice(from)).open;
  return /\s$/.test(bare) && !code ? bare.trimEnd() + closing(still) : bare + closing(still);
}

const closing = (open: string[]) => [...open].reverse().join('');

/** `words [label](half an addr` becomes `words label`; half an image is not shown at all. */
function halfLink(words: string, from: number): string {
  if (words[from] === '!') return words.slice(0, from).trimEnd();
  const end = words.indexOf('](', from);
  return words.slice(0, from) + words.slice(from + 1, end);
}
