/** A longer text is shown as it came. */
const LONGEST = 200_000;

type Token = { text: string; kind: 'open' | 'close' | 'comma' | 'colon' | 'value' };

/** The tokens of a text that is JSON, each as it was written: numbers keep their digits, keys their order. */
function* tokens(json: string): Generator<Token> {
  const pattern = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
  const kinds: Record<string, Token['kind']> = {
    '{': 'open',
    '[': 'open',
    '}': 'close',
    ']': 'close',
    ',': 'comma',
    ':': 'colon',
  };
  for (const [text] of json.matchAll(pattern)) yield { text, kind: kinds[text] ?? 'value' };
}

const DEEPEST = 40;

function parsed(json: string): unknown {
  if (json.length > LONGEST) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** JSON with a line for each value; null where it is none. Nothing but blanks is changed. */
export function pretty(json: string): string | null {
  if (parsed(json) === undefined) return null;
  let depth = 0;
  let text = '';
  let before: Token['kind'] | null = null;
  const line = () => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`;
  for (const token of tokens(json)) {
    if (token.kind === 'close') {
      depth -= 1;
      if (before !== 'open') text += line();
    } else if (before === 'open' || before === 'comma') {
      text += line();
    }
    text += token.kind === 'colon' ? ': ' : token.text;
    if (token.kind === 'open') depth += 1;
    before = token.kind;
  }
  return text;
}

export type Field = { key: string; value: string };

const MOST_FIELDS = 12;
const LONGEST_FIELD = 4_000;

/**
 * The fields of an object that holds only words, numbers and truths, for a table; null for anything else,
 * and where a table would not show exactly what was sent (a key twice, a number with too many digits).
 */
export function fields(json: string): Field[] | null {
  const value = parsed(json);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length > MOST_FIELDS || entries.some(([, one]) => one !== null && typeof one === 'object'))
    return null;
  const again = [...tokens(JSON.stringify(value))].filter((token) => token.kind === 'value');
  const sent = [...tokens(json)].filter((token) => token.kind === 'value');
  const exact =
    sent.length === again.length &&
    sent.every(
      ({ text }, at) => text === again[at]?.text || (text.startsWith('"') && again[at]?.text.startsWith('"')),
    );
  if (!exact || entries.some(([, one]) => typeof one === 'string' && one.length > LONGEST_FIELD)) return null;
  return entries.map(([key, one]) => ({ key, value: typeof one === 'string' ? one : String(one) }));
}
