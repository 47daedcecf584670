/** Where a query stands in a text, as pairs of beginning and end. */
export type Marks = readonly (readonly [number, number])[];

export type Match = { score: number; marks: Marks };

/** What is longer is matched by its beginning. */
const LONGEST = 300;

const PREFIX = 1000;
const WORD = 800;
const INSIDE = 600;
const WORDS = 400;
const KEYWORD = 300;
const FUZZY = 200;
const GAP_COSTS = 8;
const FUZZY_FROM = 3;

/** Small letters that stand where the large ones stood. */
function folded(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text;
}

const begins = (text: string, at: number) => at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1));

/** The first place of a word, one where a word begins if there is one. */
function placeOf(text: string, word: string): { at: number; begin: boolean } | null {
  let at = text.indexOf(word);
  if (at < 0) return null;
  const first = at;
  for (; at >= 0; at = text.indexOf(word, at + 1)) if (begins(text, at)) return { at, begin: true };
  return { at: first, begin: false };
}

function merged(marks: [number, number][]): Marks {
  const out: [number, number][] = [];
  for (const [from, to] of marks.sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

/** The letters in their order, with gaps; null where they lie too far apart to be meant. */
function scattered(text: string, query: string): Match | null {
  const marks: [number, number][] = [];
  let at = -1;
  for (const letter of query) {
    if (letter === ' ') continue;
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    marks.push([next, next + letter.length]);
    at = next + letter.length - 1;
  }
  const all = merged(marks);
  const first = all[0]?.[0] ?? 0;
  const start = begins(text, first) ? 0 : GAP_COSTS;
  const score = FUZZY - (at + 1 - first - query.length) * GAP_COSTS - (all.length - 1) * GAP_COSTS - start;
  return score > 0 ? { score, marks: all } : null;
}

/**
 * How well a text answers a query: its beginning before the beginning of a word, that before the middle of one, that
 * before several words apart, then other words for it, then the letters alone. Null where it does not.
 */
export function match(query: string, text: string, keywords = ''): Match | null {
  const wanted = folded(query.trim());
  const known = folded(text.slice(0, LONGEST));
  if (wanted === '') return { score: 0, marks: [] };
  const whole = placeOf(known, wanted);
  const short = 1 / (1 + known.length);
  if (whole) {
    const kind = whole.at === 0 ? PREFIX : whole.begin ? WORD : INSIDE;
    return { score: kind + short, marks: [[whole.at, whole.at + wanted.length]] };
  }
  const words = wanted.split(/\s+/);
  const others = folded(keywords);
  const places = words.map((word) => ({ word, place: placeOf(known, word), also: placeOf(others, word) }));
  const marks = merged(
    places.flatMap(({ word, place }): [number, number][] =>
      place ? [[place.at, place.at + word.length]] : [],
    ),
  );
  if (places.every(({ place }) => place)) return { score: WORDS + short, marks };
  if (places.every(({ place, also }) => place ?? also?.begin)) return { score: KEYWORD + short, marks };
  return wanted.length < FUZZY_FROM ? null : scattered(known, wanted);
}

/** A text cut at its marks, for drawing. */
export function pieces(text: string, marks: Marks): { text: string; marked: boolean }[] {
  const out: { text: string; marked: boolean }[] = [];
  let at = 0;
  for (const [from, to] of marks) {
    const begin = Math.max(at, Math.min(from, text.length));
    const end = Math.max(begin, Math.min(to, text.length));
    if (begin > at) out.push({ text: text.slice(at, begin), marked: false });
    if (end > begin) out.push({ text: text.slice(begin, end), marked: true });
    at = end;
  }
  if (at < text.length) out.push({ text: text.slice(at), marked: false });
  return out;
}
