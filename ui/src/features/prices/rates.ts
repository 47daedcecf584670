import { asTyped, readDollars } from '$lib/dollars';
import type { Rates } from '$lib/ipc/bindings';
import type { NumberFault } from '$lib/state/composer/setup';

/** Dollars per million tokens, or per request: no model costs more. */
const RULE = { least: 0, most: 100_000 };

export type RateName = keyof Rates;

/** The fields of a price in the order they stand in; those that must be given come first. */
export const RATES: { name: RateName; needed: boolean }[] = [
  { name: 'input', needed: true },
  { name: 'output', needed: true },
  { name: 'cacheRead', needed: false },
  { name: 'cacheWrite', needed: false },
  { name: 'reasoning', needed: false },
  { name: 'request', needed: false },
];

export const noRates = (): Rates => ({
  input: null,
  output: null,
  cacheRead: null,
  cacheWrite: null,
  reasoning: null,
  request: null,
});

export type Typed = Record<RateName, string>;

/** Why a field cannot be taken. */
export type RateFault = NumberFault | 'noInput' | 'noOutput';

export const typedOf = (rates: Rates): Typed => ({
  input: asTyped(rates.input ?? null),
  output: asTyped(rates.output ?? null),
  cacheRead: asTyped(rates.cacheRead ?? null),
  cacheWrite: asTyped(rates.cacheWrite ?? null),
  reasoning: asTyped(rates.reasoning ?? null),
  request: asTyped(rates.request ?? null),
});

/** What was typed as prices, or what is wrong with it, field by field. */
export function readRates(typed: Typed): { rates: Rates } | { faults: Partial<Record<RateName, RateFault>> } {
  const faults: Partial<Record<RateName, RateFault>> = {};
  const rates = noRates();
  for (const { name, needed } of RATES) {
    const read = readDollars(typed[name], RULE);
    if ('fault' in read) faults[name] = read.fault;
    else if (read.nano === null && needed) faults[name] = name === 'input' ? 'noInput' : 'noOutput';
    else rates[name] = read.nano;
  }
  return Object.keys(faults).length > 0 ? { faults } : { rates };
}
