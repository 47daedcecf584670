import { format } from '$lib/i18n/format';
import type { EstimateView } from '$lib/ipc/bindings';

const WARN = 80;
const FULL = 95;

/** Tokens the request would have; the answer comes on top. */
export function used(estimate: EstimateView): number {
  const { systemTokens, historyTokens, textTokens, attachmentTokens } = estimate;
  return systemTokens + historyTokens + textTokens + attachmentTokens;
}

/** Percent of the window, more than 100 where it is too long; 0 where the window is not known. */
export function share(estimate: EstimateView): number {
  if (estimate.context === null || estimate.context <= 0) return 0;
  return Math.round((used(estimate) * 100) / estimate.context);
}

export type Level = 'calm' | 'warn' | 'err';

export function level(estimate: EstimateView): Level {
  if (estimate.context === null || estimate.context <= 0) return 'calm';
  const percent = (used(estimate) * 100) / estimate.context;
  return percent >= FULL ? 'err' : percent >= WARN ? 'warn' : 'calm';
}

/** What a message takes and what fits, in words, where it does not fit. */
export function overflow(estimate: EstimateView | null): { used: string; limit: string } | null {
  if (!estimate || estimate.context === null || used(estimate) <= estimate.context) return null;
  return { used: format.tokens(used(estimate)), limit: format.tokens(estimate.context) };
}

/** The same at no cost. */
export const free = (estimate: EstimateView | null): EstimateView | null =>
  estimate && {
    ...estimate,
    costNano: 0,
    promptNano: 0,
    mostNano: 0,
    warnings: estimate.warnings.filter(({ kind }) => kind === 'overWindow'),
  };

/** A budget that asks nobody does not let it out. */
export const stopped = (estimate: EstimateView | null): boolean =>
  estimate?.warnings.some((one) => one.kind === 'overBudget' && !one.mayPass) ?? false;
