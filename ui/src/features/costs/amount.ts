import { format } from '$lib/i18n/format';
import { number } from '$lib/i18n/intl';
import type { CostTotals } from '$lib/ipc/bindings';

/** A sum for a list: to the cent, and with the sign where not all of it is the vendor's own figure. */
export function sumText(nano: number, guessed: number): string {
  const text = format.cents(nano);
  // "Less than a cent" is no figure that could be about right.
  return guessed > 0 && nano > 0 && !text.startsWith('<') ? `≈ ${text}` : text;
}

/** An axis: whole dollars where they are, else as many digits as tell the ticks apart. */
export function axisMoney(nano: number, step: number): string {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step / 1e9))));
  const usd = nano / 1e9;
  return usd === 0
    ? '$0'
    : `$${number(usd, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

export const guessedNano = (totals: CostTotals) => Math.max(0, totals.totalNano - totals.reportedNano);

/** Requests that something was paid for, or would be if a price were known. */
export const paidOf = (totals: CostTotals) => totals.entries - totals.free;

/** The share of the money that the vendors reported; null where nothing was paid. */
export function reportedShare({ totalNano, reportedNano }: CostTotals): number | null {
  return totalNano > 0 ? Math.min(1, Math.max(0, reportedNano / totalNano)) : null;
}

/** Nothing is known of what these requests cost. */
export const allUnknown = ({ entries, unknown, totalNano }: CostTotals) =>
  unknown > 0 && totalNano === 0 && unknown === entries;
