import type { VendorView } from '$lib/ipc/bindings';

/** A key that was pasted, and the variable it was written behind, if it was. */
export type Pasted = { key: string; variable: string | null };

/** Shorter than any key of any vendor; what is shorter is a word. */
const SHORTEST = 16;
/** Longer than a screen of keys: a book was pasted, not keys. */
const MOST = 20;

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_]\w*)\s*(?:=|:\s)\s*(.*)$/;
const KEY = /^[!-~]+$/;

const bare = (word: string) => word.replace(/^["'`<(]+|["'`>),;]+$/g, '');

/**
 * The keys in what was pasted: one a line, or with blanks, commas or semicolons between them, also as lines of a
 * shell profile. Words of prose are left out.
 */
export function keysIn(text: string, vendors: VendorView[]): Pasted[] {
  const found = new Map<string, Pasted>();
  for (const line of text.split(/[\r\n]+/)) {
    const [, variable = null, value = line] = ASSIGNMENT.exec(line.trim()) ?? [];
    for (const word of value.split(/[\s,;]+/).map(bare)) {
      const likely = word.length >= SHORTEST || (word.length >= 8 && fitting(word, vendors).length > 0);
      if (KEY.test(word) && likely && !word.includes('://')) found.set(word, { key: word, variable });
    }
  }
  return [...found.values()].slice(0, MOST);
}

/** The vendors whose keys begin like this one: those with the longest beginning that fits. */
export function fitting(key: string, vendors: VendorView[]): VendorView[] {
  let longest = 1;
  let best: VendorView[] = [];
  for (const vendor of vendors) {
    const fits = vendor.keyPrefixes.filter((prefix) => key.startsWith(prefix));
    const length = Math.max(0, ...fits.map((prefix) => prefix.length));
    if (length < longest) continue;
    if (length > longest) best = [];
    longest = length;
    best.push(vendor);
  }
  return best;
}

/** Who a pasted key is of: the variable it stood behind says it, else its form. */
export function recognise(pasted: Pasted, vendors: VendorView[]): VendorView[] {
  const named = vendors.filter((vendor) => vendor.env.some(({ name }) => name === pasted.variable));
  return named.length === 1 ? named : fitting(pasted.key, vendors);
}

/** A key as it may stand on the screen while it is new: the first six and the last four. */
export function mask(key: string): string {
  return key.length >= 20 ? `${key.slice(0, 6)}…${key.slice(-4)}` : '••••••••';
}
