import type { LimitKind, LimitSettings, WaitingView } from '$lib/ipc/bindings';
import { format } from './format';
import { many } from './words';

/** How much goes to a provider at most, within a sentence. */
function most(limit: LimitKind | null, limits: LimitSettings | null): string | null {
  const { requestsPerMinute, tokensPerMinute, concurrent } = limits ?? {};
  if (limit === 'requests' && requestsPerMinute != null)
    return `${format.count(requestsPerMinute)} ${many(requestsPerMinute, 'request', 'requests')} a minute`;
  if (limit === 'tokens' && tokensPerMinute != null)
    return `${format.count(tokensPerMinute)} tokens a minute`;
  if (limit === 'concurrent' && concurrent != null) return `${format.count(concurrent)} at a time`;
  return null;
}

function place({ ahead }: WaitingView): string {
  return ahead === 0
    ? 'Waiting for its turn: it is next.'
    : `Waiting for its turn: ${format.count(ahead)} before it.`;
}

function reason({ limit }: WaitingView, who: string, limits: LimitSettings | null): string {
  const known = most(limit, limits);
  return known === null ? `${who} gets no more at once.` : `${who} takes ${known}.`;
}

/** An answer that waits for its turn, and one that goes on with another key. */
export const queueEn = {
  place,
  reason,
  /** The seconds are counted down in between. */
  goesOut: 'It goes out in ',
  goesOutNow: 'It goes out now',
  because: (limit: LimitKind | null, limits: LimitSettings | null) => {
    const known = most(limit, limits);
    return known === null ? '.' : ` (${known}).`;
  },
  stage: 'Waiting for its turn',
  row: 'Waiting for its turn',
  said: (waiting: WaitingView, who: string, limits: LimitSettings | null) =>
    `${place(waiting)} ${reason(waiting, who, limits)}`,
  account: (label: string) => `with the key ${label}`,
};
