import type { AttemptView, CostView, MessageView } from '$lib/ipc/bindings';

/** Characters of a text that make a token, about. */
const PER_TOKEN = 4;

/** What output and input of a lane cost. */
export type Rates = { inputTokens: number; inputRate: number | null; outputRate: number | null };

/** A lane's figures while it is written. */
export type LiveFigures = {
  firstTokenMs: number | null;
  /** Tokens a second since the first. */
  perSecond: number | null;
  tokens: number;
  /** Nano-USD, guessed; `null` is unknown. */
  nano: number | null;
};

/** Characters that were written, reasoning among them: that is billed too. */
export const written = ({ parts }: Pick<MessageView, 'parts'>): number =>
  parts.reduce((sum, { text }) => sum + text.length, 0);

/**
 * What can be said of an answer before its vendor has counted: guessed from its text. Measured from the attempt that
 * writes; `firstAt` is when its first text came to this page, where that was seen.
 */
export function liveFigures(
  message: Pick<MessageView, 'parts'>,
  attempt: Pick<AttemptView, 'startedAt' | 'firstTokenMs'> | null,
  firstAt: number | null,
  now: number,
  rates: Rates | null,
): LiveFigures {
  const tokens = Math.ceil(written(message) / PER_TOKEN);
  const firstTokenMs =
    attempt?.firstTokenMs ?? (attempt && firstAt !== null ? Math.max(0, firstAt - attempt.startedAt) : null);
  const began = attempt && firstTokenMs !== null ? attempt.startedAt + firstTokenMs : null;
  const seconds = began === null ? 0 : (now - began) / 1000;
  const { inputTokens = 0, inputRate = null, outputRate = null } = rates ?? {};
  const nano =
    inputRate === null || outputRate === null
      ? null
      : Math.round((inputTokens * inputRate + tokens * outputRate) / 1e6);
  return {
    firstTokenMs,
    // Less than a moment says nothing of how fast it is.
    perSecond: seconds < 0.25 || tokens < 2 ? null : tokens / seconds,
    tokens,
    nano,
  };
}

/** A guess in the form of an amount. */
export const guessed = (nano: number | null): CostView => ({
  inputTotal: null,
  cacheRead: null,
  cacheWrite: null,
  outputTotal: null,
  reasoning: null,
  tokensEstimated: true,
  source: nano === null ? 'unknown' : 'estimated',
  totalNano: nano,
  savedNano: null,
});
