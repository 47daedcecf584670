import { describe, expect, it } from 'vitest';
import { manyProviders } from '$lib/ipc/fake/catalogue';
import { failure } from '$lib/ipc/fake/checks';
import type { Category, ProviderView } from '$lib/ipc/bindings';
import type { Checked } from '$lib/state/providers.svelte';
import { paneState } from './paneState';
import { labelOf, summaryOf } from './results';

const all = manyProviders();
const named = (id: string): ProviderView => {
  const found = all.find((provider) => provider.id === id);
  if (!found) throw new Error(id);
  return structuredClone(found);
};
const good = (durationMs = 610): Checked => ({ ok: true, error: null, models: 9, durationMs, at: 0 });
const bad = (category: Category, code: string | null = null): Checked => ({
  ok: false,
  error: failure(category, null, code, 'detail'),
  models: 0,
  durationMs: 5,
  at: 0,
});

describe('the state in the list', () => {
  it('is nothing where nothing is known', () =>
    expect(paneState(named('p-anthropic'), {})).toEqual({ sign: null, tone: '', text: '' }));

  it('is off before anything else', () =>
    expect(paneState({ ...named('p-work'), enabled: false }, {}).text).toBe('Off'));

  it('names what is wrong with the key', () => {
    expect(paneState(named('p-work'), {}).text).toBe('Session over');
    expect(paneState(named('p-moved'), {}).text).toBe('Other address');
  });

  it.each([
    ['rejected_key', 'Key rejected'],
    ['no_credit', 'No credit'],
    ['network', 'Unreachable'],
    ['internal', 'Failing'],
  ] as const)('says %s in words', (category, text) =>
    expect(paneState(named('p-openai'), { 'a-openai': bad(category) })).toEqual({
      sign: 'bad',
      tone: 'err',
      text,
    }),
  );

  it('calls a local server that does not answer not running', () =>
    expect(paneState(named('p-lm'), { 'p-lm-a': bad('network', 'refused') }).text).toBe('Not running'));

  it('warns where one key of several fails', () => {
    const checks = { 'a-personal': good(), 'a-work2': bad('rejected_key') };
    expect(paneState(named('p-anthropic'), checks)).toEqual({ sign: 'warn', tone: 'warn', text: 'Works' });
  });
});

describe('the summary of a check', () => {
  it('names who answered how fast', () => {
    const summary = summaryOf(named('p-anthropic'), { 'a-personal': good(), 'a-work2': good(740) }, null);
    expect(summary?.kind).toBe('ok');
    expect(summary?.title).toBe('Both keys work.');
    expect(summary?.text).toMatch(
      /^Personal answered in 0\.61 s, Work in 0\.74 s\. Tested at \d\d:\d\d, free of charge\.$/,
    );
  });

  it('counts those that work', () => {
    const summary = summaryOf(
      named('p-anthropic'),
      { 'a-personal': good(), 'a-work2': bad('rejected_key') },
      null,
    );
    expect(summary).toMatchObject({ kind: 'warn', title: '1 of 2 keys works.', category: 'rejected_key' });
  });

  it('gives the cause and the next step of a single key', () => {
    const summary = summaryOf(
      named('p-openai'),
      { 'a-openai': bad('rejected_key') },
      'https://a.example/keys',
    );
    expect(summary).toMatchObject({ kind: 'err', title: 'OpenAI rejected the key.', details: 'detail' });
    expect(summary?.text).toContain('a.example');
  });

  it('names a key by its place where it has no name', () => {
    const provider = named('p-anthropic');
    const [first, second] = provider.accounts;
    if (!first || !second) throw new Error('two accounts');
    second.label = '';
    expect(labelOf(provider, second)).toBe('Key 2');
    expect(labelOf({ ...provider, accounts: [second] }, second)).toBe('Key');
  });
});
