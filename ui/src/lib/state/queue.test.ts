import { describe, expect, it } from 'vitest';
import type { AttemptView, WaitingView } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { failure } from '$lib/ipc/fake/checks';
import { answer, attempt } from '$lib/ipc/fake/data';
import type { LiveRun } from '$lib/stream/reduce';
import { begunWords, queuedWords } from './queue';

const [openai, groq] = providers();
if (!openai || !groq) throw new Error('the fake needs its providers');
const overloaded = failure('overloaded', 529, null, 'Overloaded');
const failed = attempt(openai, 'gpt-5.4', { outcome: 'failed', error: overloaded });

const run = (attempts: AttemptView[], waiting: WaitingView | null = null): LiveRun => ({
  runId: 'r',
  conversationId: 'c',
  seq: 1,
  message: answer(attempts, [], 'streaming'),
  waiting,
  settled: false,
});

describe('what is read out of a reply', () => {
  it('is who answers, who takes over and who is tried again', () => {
    const begun = { outcome: 'streaming', error: null } as const;
    const first = attempt(openai, 'gpt-5.4', begun);
    const again = attempt(openai, 'gpt-5.4', { ...begun, reason: 'retry' });
    const next = attempt(groq, 'llama', { ...begun, reason: 'nextTarget' });
    expect(begunWords(run([first]))).toBe('OpenAI is answering');
    expect(begunWords(run([failed, again]))).toBe('OpenAI is overloaded (529), trying again');
    expect(begunWords(run([failed, failed, next]))).toBe('OpenAI is overloaded (529), trying Groq');
  });

  it('is the same words when its wait ends with the attempt, so that they are read once', () => {
    const again = attempt(openai, 'gpt-5.4', { outcome: 'streaming', reason: 'retry' });
    const now = run([failed, again]);
    expect(queuedWords(now, undefined)).toBe(begunWords(now));
  });

  it('is nothing while nobody is asked', () => {
    expect(queuedWords(run([failed]), undefined)).toBe('');
    expect(begunWords(run([]))).toBe('');
  });
});
