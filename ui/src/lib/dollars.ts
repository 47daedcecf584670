import { readNumber, type NumberFault } from '$lib/state/composer/setup';

const NANO = 1e9;

/** An amount as it is typed into a field, with no more digits than it has; nothing where there is none. */
export const asTyped = (nano: number | null): string =>
  nano === null ? '' : (nano / NANO).toFixed(9).replace(/\.?0+$/, '');

/** Dollars as a person types them, in nano-USD. A nought is an amount; nothing is none. */
export function readDollars(
  typed: string,
  bounds: { least: number; most: number },
): { nano: number | null } | { fault: NumberFault } {
  const read = readNumber(typed.replaceAll(/[$\s]/g, ''), { ...bounds, whole: false });
  return 'fault' in read ? read : { nano: read.value === null ? null : Math.round(read.value * NANO) };
}
