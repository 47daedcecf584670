import type { Target, TrialDifference, TrialMeasure, TrialTarget } from '$lib/ipc/bindings';
import { t } from '$lib/i18n/en';

/** Of so many something happened so often. */
type Rate = { happened: number; of: number };

const rates: Partial<Record<TrialMeasure, (target: TrialTarget) => Rate>> = {
  answered: ({ answered, picked }) => ({ happened: answered, of: picked }),
  votes: ({ wins, losses }) => ({ happened: wins, of: wins + losses }),
  thumbs: ({ thumbsUp, thumbsDown }) => ({ happened: thumbsUp, of: thumbsUp + thumbsDown }),
};

/** How much there is of each target to measure it by. */
const countOf = (measure: TrialMeasure, target: TrialTarget) =>
  rates[measure]?.(target).of ?? target.answered;

/** Those that are drawn from now; what is no longer in the route gets no more answers. */
const present = (targets: readonly TrialTarget[]) => targets.filter(({ weight }) => weight !== null);

/** What the target has least of that has least. */
export function fewest(measure: TrialMeasure, targets: readonly TrialTarget[]): number {
  return Math.min(...present(targets).map((target) => countOf(measure, target)));
}

/** A difference is found in four of five trials (0.84), taken for one by chance in one of twenty (1.96). */
const Z = (1.96 + 0.84) ** 2;
/** Beyond it nobody waits for it. */
const MOST = 10_000;

/**
 * How many each target would need for a gap as large as the one between the best and the worst now to be found, if it
 * is real. Null where no gap is seen, where it is no rate, or where that many are there.
 */
export function neededEach(measure: TrialMeasure, targets: readonly TrialTarget[]): number | null {
  const rate = rates[measure];
  if (!rate) return null;
  // One more of each kind than was seen: after three of three nobody knows that it is always so.
  const seen = present(targets)
    .map(rate)
    .filter(({ of }) => of > 0)
    .map(({ happened, of }) => (happened + 1) / (of + 2));
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  if (seen.length < 2 || high === low) return null;
  const each = (Z * (high * (1 - high) + low * (1 - low))) / (high - low) ** 2;
  const about = roundUp(each);
  return about > MOST || about <= fewest(measure, targets) ? null : about;
}

/** To one digit that counts, at least ten. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(1, Math.floor(Math.log10(value)));
  return Math.ceil(value / unit) * unit;
}

/** Whether a difference is more than chance, in words. */
export function verdictOf(
  { measure, p, sure }: TrialDifference,
  targets: readonly TrialTarget[],
): { kind: 'sure' | 'chance' | 'little'; text: string } {
  const words = t.ranking.trials;
  if (p !== null) return { kind: sure ? 'sure' : 'chance', text: words.verdict(p, sure) };
  const needed = neededEach(measure, targets);
  return {
    kind: 'little',
    text: needed === null ? words.soFar(measure, fewest(measure, targets)) : words.needed(measure, needed),
  };
}

const isTarget = (one: Target, other: Target) =>
  one.providerId === other.providerId && one.model === other.model;

/** The model, and whose it is where two offer it. */
export function targetName(target: Target, targets: readonly TrialTarget[]): string {
  const provider = targets.find((one) => isTarget(one.target, target))?.providerName;
  const twice = targets.filter((one) => one.target.model === target.model).length > 1;
  return twice && provider ? `${target.model} (${provider})` : target.model;
}

/** Which part of all prompts each target was picked for first; null where nothing was asked. */
export function seenShare({ picked }: TrialTarget, targets: readonly TrialTarget[]): number | null {
  const all = targets.reduce((sum, target) => sum + target.picked, 0);
  return all === 0 ? null : picked / all;
}
