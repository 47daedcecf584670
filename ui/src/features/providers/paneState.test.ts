import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manyProviders } from '$lib/ipc/fake/catalogue';
import { failure } from '$lib/ipc/fake/checks';
import type { CallMark, Category, HealthView, ProviderView, VendorView } from '$lib/ipc/bindings';
import type { Checked } from '$lib/state/providers.svelte';
import { offeredOf, paneState } from './paneState';
import { labelOf, summaryOf } from './results';

const all = manyProviders();
const named = (id: string): ProviderView => {
  const found = all.find((provider) => provider.id === id);
  if (!found) throw new Error(id);
  return structuredClone(found);
};
const good = (durationMs = 610): Checked => ({
  ok: true,
  error: null,
  models: 9,
  durationMs,
  version: null,
  at: 0,
});
const bad = (category: Category, code: string | null = null): Checked => ({
  ok: false,
  error: failure(category, null, code, 'detail'),
  models: 0,
  durationMs: 5,
  version: null,
  at: 0,
});

describe('the state in the list', () => {
  it('is nothing where nothing is known', () =>
    expect(paneState(named('p-anthropic'), {})).toEqual({ sign: null, tone: '', text: '', wordy: false }));

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
      wordy: true,
    }),
  );

  it('calls a local server that does not answer not running', () =>
    expect(paneState(named('p-lm'), { 'p-lm-a': bad('network', 'refused') }).text).toBe('Not running'));

  it('warns where one key of several fails', () => {
    const checks = { 'a-personal': good(), 'a-work2': bad('rejected_key') };
    expect(paneState(named('p-anthropic'), checks)).toMatchObject({
      sign: 'warn',
      tone: 'warn',
      text: 'Works',
    });
  });
});

const call = (category: Category | null = null, at = 10): CallMark => ({
  at,
  outcome: category === null ? 'complete' : 'failed',
  firstTokenMs: category === null ? 600 : null,
  category,
  model: 'm',
});
const health = (calls: CallMark[], over: Partial<HealthView> = {}): HealthView => ({
  calls,
  failed: calls.filter(({ outcome }) => outcome === 'failed').length,
  firstTokenMedianMs: null,
  firstTokenP95Ms: null,
  lastError: null,
  probe: null,
  ...over,
});

describe('the state out of real calls', () => {
  const state = (known: HealthView, checks: Record<string, Checked> = {}) =>
    paneState(named('p-openai'), checks, known);

  it('works where all went well, and is nothing without any', () => {
    expect(state(health([call(), call()]))).toMatchObject({ sign: 'ok', text: 'Works', wordy: false });
    expect(state(health([]))).toMatchObject({ sign: null, text: '' });
  });

  it('warns where some failed, says how many, and whether it works now', () => {
    const warning = { sign: 'warn', tone: 'warn', wordy: false };
    expect(state(health([call(), call('overloaded'), call()]))).toEqual({
      ...warning,
      text: 'Works, 1 of the last 3 calls failed',
    });
    const last = health([call(), call(), call('overloaded')]);
    expect(state(last)).toEqual({ ...warning, text: '1 of the last 3 calls failed' });
    expect(state(last, { 'a-openai': { ...good(), at: 20 } }).text).toBe(
      'Works, 1 of the last 3 calls failed',
    );
  });

  it('names what a person has to settle, as soon as the last call said so', () => {
    expect(state(health([call(), call('rejected_key')]))).toMatchObject({
      tone: 'err',
      text: 'Key rejected',
    });
    expect(state(health([call('rejected_key'), call()]))).toMatchObject({ tone: 'warn' });
    expect(state(health([call('overloaded'), call('overloaded')]))).toMatchObject({ text: 'Failing' });
  });

  it('takes a check as the newer word, and a call after it as newer still', () => {
    const calls = health([call('rejected_key', 10)]);
    expect(state(calls, { 'a-openai': { ...good(), at: 20 } })).toMatchObject({ tone: 'good' });
    expect(state(calls, { 'a-openai': { ...good(), at: 5 } })).toMatchObject({ text: 'Key rejected' });
  });

  it('hears the free question where it was the last', () => {
    const probe = { at: 20, durationMs: 4, failure: failure('network', null, 'refused', 'refused') };
    expect(paneState(named('p-lm'), {}, health([call()], { probe })).text).toBe('Not running');
    expect(state(health([call()], { probe }))).toMatchObject({ tone: 'err', text: 'Unreachable' });
    expect(state(health([], { probe: { ...probe, failure: null } }))).toMatchObject({ tone: 'good' });
  });
});

describe('vendors on offer', () => {
  const vendor = (id: string, over: Partial<VendorView> = {}) =>
    ({ id, env: [], own: false, ...over }) as unknown as VendorView;
  const many = (count: number) => Array.from({ length: count }, (_, at) => vendor(`v${at}`));
  const none = () => false;
  const ids = (vendors: VendorView[]) => vendors.map(({ id }) => id);

  it('come with those first that could be used at once', () => {
    const all = [...many(8), vendor('set', { env: [{ name: 'KEY', set: true }] }), vendor('runs')];
    const { first, folded } = offeredOf(all, 3, ({ id }) => id === 'runs', null);
    expect(ids(first)).toEqual(['set', 'runs']);
    expect(folded).toHaveLength(8);
  });

  it('fill a group that is empty with a few, and fold nothing for one row', () => {
    expect(offeredOf(many(8), 0, none, null).first).toHaveLength(4);
    expect(offeredOf(many(5), 0, none, null).folded).toEqual([]);
    expect(offeredOf(many(6), 0, none, null).folded).toHaveLength(2);
  });

  it('never hide the one that is being added, nor the person’s own', () => {
    const all = [...many(8), vendor('mine', { own: true })];
    const { first, folded } = offeredOf(all, 6, none, 'v7');
    expect(ids(first)).toEqual(['v7', 'mine']);
    expect(folded).toHaveLength(7);
  });

  it('lose nobody', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(10), fc.nat(60), (count, used, kept) => {
        const all = many(count);
        const { first, folded } = offeredOf(all, used, none, `v${kept}`);
        expect(ids([...first, ...folded]).sort()).toEqual(ids(all).sort());
      }),
    );
  });
});

describe('the summary of a check', () => {
  it('names who answered how fast', () => {
    const summary = summaryOf(named('p-anthropic'), { 'a-personal': good(), 'a-work2': good(740) }, null);
    expect(summary?.kind).toBe('ok');
    expect(summary?.title).toBe('Both keys work.');
    const accounts = summaryOf(
      named('p-anthropic'),
      { 'a-personal': good(), 'a-work2': good(740) },
      null,
      'signIn',
    );
    expect(accounts?.title).toBe('Both accounts work.');
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
