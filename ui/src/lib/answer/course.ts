import type { AttemptView, MessageView } from '$lib/ipc/bindings';

/** How an answer came about, where that is more than one call. */
export type Course = {
  /** How often it went to another model. */
  moves: number;
  attempts: number;
  /** How often the same model was asked again by itself. */
  again: number;
  /** Who was passed over without being asked. */
  passed: number;
  cached: boolean;
};

const moved = (before: AttemptView, now: AttemptView) =>
  before.providerId !== now.providerId || before.model !== now.model;

export function courseOf(attempts: readonly AttemptView[]): Course {
  const pairs = attempts.slice(1).map((now, at) => [attempts[at], now] as const);
  return {
    moves: pairs.filter(([before, now]) => before && moved(before, now)).length,
    attempts: attempts.length,
    again: attempts.filter(({ reason }) => reason === 'retry' || reason === 'nextAccount').length,
    passed: attempts.reduce((sum, { skipped }) => sum + skipped.length, 0),
    cached: attempts.at(-1)?.cached ?? false,
  };
}

/** The attempt that failed and the one that is made in its place, as long as that one has said nothing. */
export function takingOver({
  status,
  attempts,
  parts,
}: MessageView): { before: AttemptView; now: AttemptView } | null {
  const [before, now] = attempts.slice(-2);
  if (status !== 'streaming' || !before || !now || now.outcome !== 'streaming') return null;
  return parts.some((part) => part.attemptId === now.id) ? null : { before, now };
}

/** Milliseconds from the first request to the first word. */
export function beforeFirstWord(attempts: readonly AttemptView[]): number | null {
  const [first] = attempts;
  const spoke = attempts.find(({ firstTokenMs }) => firstTokenMs !== null);
  if (!first || !spoke || spoke === first) return null;
  return spoke.startedAt - first.startedAt + (spoke.firstTokenMs ?? 0);
}
