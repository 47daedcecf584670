import { describe, expect, it } from 'vitest';
import type { SkipReason, SkipView } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { attempt } from '$lib/ipc/fake/data';
import { failure } from '$lib/ipc/fake/checks';
import { fallbackEn } from './fallback.en';
import { format } from './format';

const [openai, groq] = providers();
if (!openai || !groq) throw new Error('the fake needs its providers');
const overloaded = failure('overloaded', 529, null, 'Overloaded');

const skip = (reason: SkipReason, over: Partial<SkipView> = {}): SkipView => ({
  providerId: 'p',
  providerName: 'Anthropic',
  model: 'm',
  reason,
  until: null,
  because: null,
  ...over,
});

describe('the words of a fallback', () => {
  it('say why somebody was passed over, until when and after what', () => {
    const until = new Date(2026, 0, 2, 14, 36).getTime();
    expect(fallbackEn.skip(skip('resting', { until, because: overloaded }), format)).toBe(
      'Anthropic failed too often and rests until 14:36: overloaded (529)',
    );
    expect(fallbackEn.noTarget([skip('noKey'), skip('contextTooLong')], format)).toBe(
      'Nobody could be asked. Anthropic has no key that can be used. Anthropic reads less than this chat holds.',
    );
  });

  it('name who is tried in the place of whom', () => {
    const before = attempt(openai, 'gpt-5.4', { error: overloaded, account: 'Home' });
    const said = (now: Parameters<typeof fallbackEn.live.trying>[1]) => fallbackEn.live.trying(before, now);
    expect(said(attempt(groq, 'llama'))).toBe('OpenAI is overloaded (529), trying Groq');
    expect(said({ ...before, model: 'gpt-5' })).toBe('OpenAI is overloaded (529), trying gpt-5');
    expect(said({ ...before, account: 'Work' })).toBe('OpenAI is overloaded (529), trying Work');
    expect(said(before)).toBe('OpenAI is overloaded (529), trying again');
  });

  it('mark where another went on', () => {
    const before = attempt(openai, 'gpt-5.4', { outcome: 'interrupted' });
    expect(fallbackEn.seam.continued(before, attempt(groq, 'llama'))).toBe(
      'continued by Groq, llama, after OpenAI stopped',
    );
    expect(fallbackEn.seam.continued({ ...before, outcome: 'cancelled' }, before)).toBe(
      'continued by OpenAI, gpt-5.4, after you stopped it',
    );
  });
});
