import { Refused } from '$lib/state/drafts.svelte';

const UNITS = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof UNITS;
const UP: readonly Unit[] = ['d', 'h', 'min', 's'];

/** A span in the largest unit that writes it whole: 5 min, 0.5 s. */
export function showSpan(ms: number): string {
  const unit = UP.find((one) => ms >= UNITS[one] && ms % UNITS[one] === 0) ?? 's';
  return `${ms / UNITS[unit]} ${unit}`;
}

/** Milliseconds of a typed span; a bare number is of the given unit. Null where it is none. */
export function readSpan(typed: string, bare: Unit): number | null {
  const found = /^(\d+(?:[.,]\d+)?)\s*([a-z]*)$/i.exec(typed.trim());
  if (!found) return null;
  const [, figure = '', word = ''] = found;
  const unit = word === '' ? bare : unitOf(word.toLowerCase());
  return unit === null ? null : Math.round(Number(figure.replace(',', '.')) * UNITS[unit]);
}

function unitOf(word: string): Unit | null {
  if (/^(ms|millisec(ond)?s?)$/.test(word)) return 'ms';
  if (/^s(ec(ond)?s?)?$/.test(word)) return 's';
  if (/^m(in(ute)?s?)?$/.test(word)) return 'min';
  if (/^h(ours?)?$/.test(word)) return 'h';
  return /^d(ays?)?$/.test(word) ? 'd' : null;
}

/** Bounds of a field, in milliseconds. */
export type Bounds = { least: number; most: number };

/** The same for a field: throws the sentence that says what is taken. */
export function spanOf(
  typed: string,
  { least, most }: Bounds,
  words: { noTime: string; tooMuch: (least: string, most: string) => string },
): number {
  const ms = readSpan(typed, 's');
  if (ms === null) throw new Refused(words.noTime);
  if (ms < least || ms > most) throw new Refused(words.tooMuch(showSpan(least), showSpan(most)));
  return ms;
}

/** What is left of a rest, as a clock that runs down: 2:14, 1:05:00. */
export function countdown(ms: number): string {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (figure: number) => String(figure).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
