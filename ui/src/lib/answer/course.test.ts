import { describe, expect, it } from 'vitest';
import type { AttemptView } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { answer, attempt, part } from '$lib/ipc/fake/data';
import { failure } from '$lib/ipc/fake/checks';
import { segments } from './answer';
import { beforeFirstWord, courseOf, takingOver } from './course';

const [openai, groq] = providers();
if (!openai || !groq) throw new Error('the fake needs its providers');

const failed = (over: Partial<AttemptView> = {}) =>
  attempt(openai, 'gpt-5.4', {
    outcome: 'failed',
    startedAt: 1000,
    firstTokenMs: null,
    error: failure('overloaded', 529, null, 'Overloaded'),
    ...over,
  });
const next = (over: Partial<AttemptView> = {}) =>
  attempt(groq, 'llama', { reason: 'nextTarget', startedAt: 4000, firstTokenMs: 900, ...over });

describe('the course of an answer', () => {
  it('counts who was gone to, asked again and passed over', () => {
    const skipped = [
      { providerId: 'x', providerName: 'X', model: 'm', reason: 'resting', until: null, because: null },
    ] as const;
    expect(courseOf([next({ skipped: [...skipped] })])).toMatchObject({ moves: 0, again: 0, passed: 1 });
    expect(courseOf([failed(), failed({ reason: 'retry' }), next()])).toMatchObject({
      moves: 1,
      again: 1,
      attempts: 3,
      passed: 0,
    });
    // A person's own Continue is no fallback.
    expect(courseOf([next(), next({ reason: 'continued' })])).toMatchObject({ moves: 0, again: 0 });
  });

  it('is told while the one asked in place of another has said nothing', () => {
    const [before, now] = [failed(), next({ outcome: 'streaming' })];
    const message = answer([before, now], [], 'streaming');
    expect(takingOver(message)).toEqual({ before, now });
    expect(takingOver({ ...message, parts: [part('word', before.id)] })).toEqual({ before, now });
    expect(takingOver({ ...message, parts: [part('word', now.id)] })).toBeNull();
    expect(takingOver({ ...message, status: 'complete' })).toBeNull();
    expect(takingOver({ ...message, attempts: [now] })).toBeNull();
  });

  it('took its time from the first request to the first word', () => {
    expect(beforeFirstWord([failed(), next()])).toBe(3900);
    expect(beforeFirstWord([next()])).toBeNull();
    expect(beforeFirstWord([failed()])).toBeNull();
  });

  it('tells what was repeated at the seam, not in the text', () => {
    const [before, now] = [failed({ outcome: 'interrupted' }), next({ reason: 'continued' })];
    const told = { ...part('12', now.id, 1, 'warning'), name: 'overlap_trimmed' };
    const other = { ...part('odd', now.id, 2, 'warning'), name: 'something' };
    const [, after] = segments(
      answer([before, now], [part('a', before.id), told, other, part('b', now.id, 3)]),
    );
    expect(after?.trimmed).toBe(true);
    expect(after?.body.map(({ text }) => text)).toEqual(['odd', 'b']);
  });
});
