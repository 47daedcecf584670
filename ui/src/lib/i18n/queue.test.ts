import { describe, expect, it } from 'vitest';
import type { LimitSettings, WaitingView } from '$lib/ipc/bindings';
import { queueEn } from './queue.en';

const waiting = (over: Partial<WaitingView>): WaitingView => ({
  target: { providerId: 'p', model: 'm' },
  limit: 'concurrent',
  ahead: 2,
  until: null,
  retry: null,
  ...over,
});
const limits = (over: Partial<LimitSettings>): LimitSettings => ({
  requestsPerMinute: null,
  tokensPerMinute: null,
  concurrent: null,
  ...over,
});

describe('the words of the queue', () => {
  it('say how many come before and what is taken at most', () =>
    expect(queueEn.said(waiting({}), 'OpenAI', limits({ concurrent: 1 }))).toBe(
      'Waiting for its turn: 2 before it. OpenAI takes 1 at a time.',
    ));

  it('say who is next, and of which limit the number is not known', () =>
    expect(queueEn.said(waiting({ ahead: 0, limit: 'tokens' }), 'OpenAI', limits({ concurrent: 1 }))).toBe(
      'Waiting for its turn: it is next. OpenAI gets no more at once.',
    ));

  it.each([
    ['requests', limits({ requestsPerMinute: 1 }), ' (1 request a minute).'],
    ['requests', limits({ requestsPerMinute: 60 }), ' (60 requests a minute).'],
    ['tokens', limits({ tokensPerMinute: 40_000 }), ' (40,000 tokens a minute).'],
    ['tokens', null, '.'],
  ] as const)('name the limit of %s', (limit, known, words) =>
    expect(queueEn.because(limit, known)).toBe(words),
  );
});
