/** Numbers, money, times as the design writes them. Money comes in nano-USD, prices in nano-USD per million tokens. */

import { date as written, number } from './intl';

const NANO = 1e9;

function fixed(value: number, digits: number): string {
  return number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function significant(value: number, digits: number): string {
  return number(value, { maximumSignificantDigits: digits });
}

/** An amount that is known: two decimals from $1, four below, two digits that count below $0.001. */
function money(nano: number): string {
  const usd = nano / NANO;
  if (usd === 0) return '$0.00';
  if (usd >= 0.99995) return `$${fixed(usd, 2)}`;
  if (usd >= 0.001) return `$${fixed(usd, 4)}`;
  return `$${significant(usd, 2)}`;
}

/** An amount that is guessed. The sign belongs to it. */
function estimate(nano: number): string {
  const usd = nano / NANO;
  if (usd === 0) return '≈ $0.00';
  if (usd >= 0.995) return `≈ $${fixed(usd, 2)}`;
  return `≈ $${significant(usd, 2)}`;
}

/** For lists: to the cent. */
function cents(nano: number): string {
  const usd = nano / NANO;
  if (usd === 0) return '$0.00';
  if (usd < 0.005) return '<$0.01';
  return `$${fixed(usd, 2)}`;
}

/** A list price per million tokens, without the unit. */
function price(nano: number): string {
  const usd = nano / NANO;
  if (usd === 0) return '0';
  if (usd < 0.1) return significant(usd, 2);
  return fixed(usd, 2);
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 0.995) return `${fixed(seconds, 2)} s`;
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`;
  const all = Math.round(seconds);
  if (all < 60) return `${all} s`;
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes} min ${all % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A clock that runs: whole seconds, so that nothing flickers. */
function elapsed(ms: number): string {
  return duration(Math.max(0, Math.floor(ms / 1000)) * 1000)
    .replace('0.00 s', '0 s')
    .replace('.0 s', ' s');
}

function count(value: number): string {
  return number(value, { maximumFractionDigits: 0 });
}

/** A share in whole hundredths; what is there is never 0, what lacks something never 100. */
function percent(share: number): string {
  const hundredths = Math.round(share * 100);
  if (hundredths === 0 && share > 0) return '< 1 %';
  if (hundredths === 100 && share < 1) return '> 99 %';
  return `${count(hundredths)} %`;
}

/** How likely chance alone is, as it stands behind a p: more digits where it is near what decides. */
function chance(p: number): string {
  if (p < 0.001) return '< 0.001';
  return `= ${significant(p, p < 0.1 ? 3 : 2)}`;
}

/** A count that may have a fraction: 212.5. */
function figure(value: number): string {
  return number(value, { maximumFractionDigits: 2 });
}

/** A context window: 8.4k, 200k, 1M. */
function tokens(value: number): string {
  if (value < 1000) return String(value);
  if (value < 10_000) return `${fixed(value / 1000, 1).replace('.0', '')}k`;
  if (value < 999_500) return `${Math.round(value / 1000)}k`;
  return `${number(value / 1e6, { maximumFractionDigits: 2 })}M`;
}

/** Output tokens per second of writing, where all three are known. */
const LEAST_WRITING_MS = 50;

function speed(output: number | null, firstMs: number | null, totalMs: number | null): string | null {
  if (output === null || firstMs === null || totalMs === null) return null;
  const writing = totalMs - firstMs;
  // What came in one piece says nothing of how fast it was written.
  if (writing < LEAST_WRITING_MS || output <= 1) return null;
  const rate = (output * 1000) / writing;
  return rate < 10 ? significant(rate, 2) : count(rate);
}

function time(ms: number): string {
  return written(new Date(ms), { hour: '2-digit', minute: '2-digit' });
}

/** With its seconds, for what changes from one to the next. */
function clock(ms: number): string {
  return written(new Date(ms), { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

function date(ms: number): string {
  return written(new Date(ms), { day: 'numeric', month: 'short' });
}

/** Days and months as they cross from the core are reckoned without zones. */
const UTC = { timeZone: 'UTC' } as const;
const midnight = (day: string) => new Date(`${day}T00:00:00Z`);

/** A day given as YYYY-MM-DD: 1 Dec, with its year where that is not the one of `today`. */
function day(text: string, today: string): string {
  const begins = midnight(text);
  if (Number.isNaN(begins.getTime())) return text;
  const year = text.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric';
  return written(begins, { day: 'numeric', month: 'short', year, ...UTC });
}

/** The month of a day or of YYYY-MM: November 2026. */
function month(text: string): string {
  const begins = midnight(`${text.slice(0, 7)}-01`);
  return written(begins, { month: 'long', year: 'numeric', ...UTC });
}

function weekday(ms: number): string {
  return written(new Date(ms), { weekday: 'short' });
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

export const format = {
  money,
  estimate,
  cents,
  price,
  duration,
  elapsed,
  count,
  percent,
  chance,
  figure,
  tokens,
  speed,
  time,
  clock,
  date,
  day,
  month,
  weekday,
  words,
};

export type Format = typeof format;
