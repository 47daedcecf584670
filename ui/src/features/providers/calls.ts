import type { CallMark, HealthView } from '$lib/ipc/bindings';

/** As many as the strip has room for. */
export const PLACES = 20;
/** A first token is slow from so many times the median on, and never below this. */
const SLOW_TIMES = 1.5;
const SLOW_MS = 500;
/** The lowest bar is still seen. */
const LEAST = 0.16;

export type Bar = {
  call: CallMark;
  kind: 'ok' | 'slow' | 'failed' | 'unknown';
  /** Of the whole height, 0 to 1. */
  height: number;
};

/** The last calls as bars, the oldest first. */
export function barsOf({ calls, firstTokenMedianMs }: HealthView): Bar[] {
  const shown = calls.slice(-PLACES);
  const highest = Math.max(1, ...shown.map((call) => (answered(call) ? (call.firstTokenMs ?? 0) : 0)));
  return shown.map((call) => {
    if (!answered(call)) return { call, kind: 'failed', height: 1 };
    if (call.firstTokenMs === null) return { call, kind: 'unknown', height: LEAST };
    const slow =
      firstTokenMedianMs !== null &&
      call.firstTokenMs >= SLOW_MS &&
      call.firstTokenMs >= firstTokenMedianMs * SLOW_TIMES;
    // The full height is that of failures.
    const height = Math.max(LEAST, (call.firstTokenMs / highest) * 0.88);
    return { call, kind: slow ? 'slow' : 'ok', height };
  });
}

function answered(call: CallMark): boolean {
  return call.outcome === 'complete';
}
