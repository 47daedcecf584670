import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyStatus, ModelFacts, ModelView, ProviderView } from '$lib/ipc/bindings';
import { noSettings } from '$lib/ipc/fake/catalogue';
import { unknownCan } from '$lib/ipc/unknownCan';
import { failure } from '$lib/ipc/fake/checks';
import { familyOf } from '$lib/families';
import { cheapest, fastest } from './families';
import { toModel, toRoute } from '$lib/targets';
import { builtInRoute, route as routeOf } from '$lib/ipc/fake/routeScenes';
import { alsoOffered, byModel, byProvider, type Group, type ModelOption } from './groups';
import { healthOf, troubleOf, type Trouble } from './health';
import { anything, offersOf, rankOf, searcher, typedOffers, type Offer } from './options';
import { routeLines, spanOf } from './routeLines';
import { HEAD, layOut, LINE, sliceOf } from './rows';

const model = (id: string, over: Partial<ModelView> = {}): ModelView => ({
  id,
  name: null,
  context: null,
  inputNano: null,
  outputNano: null,
  shown: true,
  favourite: false,
  can: unknownCan,
  cacheReadNano: null,
  maxOutput: null,
  origin: 'listed',
  ...over,
});

const provider = (id: string, models: ModelView[], over: Partial<ProviderView> = {}): ProviderView => ({
  id,
  vendor: id,
  name: id.toUpperCase(),
  category: 'cloud',
  mark: { letters: 'Xx', hue: 'clay', hatched: false },
  baseUrl: '',
  dialect: 'openai-chat',
  enabled: true,
  accounts: [],
  ready: true,
  keyNeed: 'required',
  defaultModel: null,
  modelsFetchedAt: null,
  settings: noSettings(),
  secrets: [],
  inClear: false,
  models,
  ...over,
});

const fact = (providerId: string, id: string, over: Partial<ModelFacts> = {}): ModelFacts => ({
  providerId,
  model: id,
  firstTokenMs: 400,
  firstTokenP95Ms: 900,
  tokensPerSecond: 50,
  calls: 20,
  failed: 0,
  last: 'complete',
  lastError: null,
  lastAt: 0,
  ...over,
});

describe('the family of a model', () => {
  test.each([
    ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5-20250929', 'claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4.5', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 'claude-sonnet-4-5'],
    ['claude-sonnet-4-5@20250929', 'claude-sonnet-4-5'],
    ['gpt-4o-2024-08-06', 'gpt-4o'],
    ['openai/gpt-4o', 'gpt-4o'],
    ['gpt-4.1', 'gpt-4-1'],
    ['qwen3:14b', 'qwen3-14b'],
    ['qwen/qwen3-14b:free', 'qwen3-14b'],
    ['llama3.3:latest', 'llama3-3'],
    ['accounts/fireworks/models/llama-v3p1-70b-instruct', 'llama-3-1-70b-instruct'],
    ['deepseek-chat', 'deepseek-chat'],
    ['models/gemini-2.5-pro', 'gemini-2-5-pro'],
    ['mistral-large-latest', 'mistral-large'],
  ])('%s is %s', (id, family) => expect(familyOf(id)).toBe(family));

  test.each([
    ['gpt-5.4', 'gpt-5.4-mini'],
    ['qwen3:14b', 'qwen3:32b'],
    ['claude-opus-4-5', 'claude-opus-4-1'],
    ['deepseek-r1', 'deepseek-v3'],
    ['o3', 'o3-mini'],
  ])('%s is not %s', (one, other) => expect(familyOf(one)).not.toBe(familyOf(other)));

  test('is never empty, and with a usual name stays when taken again, whoever offers it', () => {
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.stringMatching(/^[a-z0-9.:@/-]{1,40}$/),
    );
    fc.assert(
      fc.property(id, (name) => {
        fc.pre(name.trim() !== '');
        expect(familyOf(name)).not.toBe('');
      }),
    );
    const usual = fc.stringMatching(/^[a-z]{2,8}-[0-9]{1,2}(\.[0-9])?(-[a-z]{3,6})?$/);
    const around = fc.constantFrom(
      (name: string) => `maker/${name}`,
      (name: string) => `openai.${name}`,
      (name: string) => `eu.meta.${name}-v1:0`,
      (name: string) => `${name}-20250929`,
      (name: string) => `${name}:free`,
      (name: string) => name.toUpperCase(),
    );
    fc.assert(
      fc.property(usual, around, (name, dressed) => {
        expect(familyOf(familyOf(name))).toBe(familyOf(name));
        expect(familyOf(dressed(name))).toBe(familyOf(name));
      }),
    );
  });

  test('a name without end is read in no time at all', () => {
    expect(familyOf(':free'.repeat(100_000)).length).toBeLessThanOrEqual(200);
  });

  test('cheapest and fastest are marked where there is something to compare', () => {
    const offer = (inputNano: number | null, tokensPerSecond: number | null) => ({
      inputNano,
      outputNano: inputNano,
      fact: tokensPerSecond === null ? null : fact('p', 'm', { tokensPerSecond }),
    });
    const [low, high, unknown] = [offer(1, 10), offer(2, 90), offer(null, null)];
    expect(cheapest([high, low, unknown])).toBe(low);
    expect(fastest([high, low, unknown])).toBe(high);
    expect(cheapest([low, unknown])).toBeNull();
    expect(cheapest([low, { ...low }])).toBeNull();
    expect(fastest([unknown, unknown])).toBeNull();
  });
});

describe('what speaks against a provider', () => {
  const account = (status: KeyStatus, enabled = true) => ({
    id: `a-${status}`,
    label: '',
    enabled,
    key: { store: 'keyring', status, envName: null, endsWith: null, origin: null },
    identity: null,
  });
  const rejected = { ok: false, error: failure('rejected_key', 401, null, 'no') };

  test.each<[string, Partial<ProviderView>, Parameters<typeof troubleOf>[1], Trouble | null]>([
    ['nothing', { accounts: [account('ready')] }, {}, null],
    ['switched off', { enabled: false }, {}, 'off'],
    ['no key', { ready: false, accounts: [account('none')] }, {}, 'noKey'],
    ['keys switched off', { ready: false, accounts: [account('ready', false)] }, {}, 'keysOff'],
    ['locked', { ready: false, accounts: [account('none'), account('locked')] }, {}, 'locked'],
    ['rejected', { accounts: [account('ready')] }, { 'a-ready': rejected }, 'rejected'],
    [
      'one of two rejected',
      { accounts: [account('ready'), account('locked')] },
      { 'a-ready': rejected },
      null,
    ],
    [
      'overloaded',
      { accounts: [account('ready')] },
      { 'a-ready': { ok: false, error: failure('overloaded', 529, null, '') } },
      null,
    ],
  ])('%s', (_, over, checks, trouble) => expect(troubleOf(provider('p', [], over), checks)).toBe(trouble));

  test('health is read from the last calls', () => {
    expect(healthOf(null)).toBeNull();
    expect(healthOf(fact('p', 'm', { calls: 0 }))).toBeNull();
    expect(healthOf(fact('p', 'm', { failed: 1 }))).toBe('ok');
    expect(healthOf(fact('p', 'm', { failed: 5 }))).toBe('shaky');
    expect(healthOf(fact('p', 'm', { failed: 1, last: 'failed' }))).toBe('shaky');
    expect(healthOf(fact('p', 'm', { last: 'cancelled' }))).toBe('ok');
    expect(healthOf(fact('p', 'm', { calls: 2, failed: 2, last: 'failed' }))).toBe('bad');
  });
});

const all = [
  provider('ant', [
    model('claude-sonnet-4-5', { name: 'Claude Sonnet 4.5', inputNano: 3, outputNano: 15 }),
    model('claude-opus-4-5', { favourite: true }),
    model('claude-old', { shown: false }),
  ]),
  provider('rou', [
    model('anthropic/claude-sonnet-4.5', { inputNano: 2, outputNano: 15, context: 200_000 }),
    model('see', { can: { ...unknownCan, images: true, pdf: false, tools: true } }),
  ]),
  provider('off', [model('grok-4'), model('liked', { favourite: true })], { ready: false }),
  provider('bare', []),
];
const trouble = (one: ProviderView): Trouble | null => (one.ready ? null : 'noKey');
const states = all.map((one) => ({ provider: one, trouble: trouble(one) }));
const offers = offersOf(all, trouble, [fact('ant', 'claude-sonnet-4-5')], null);
const asked = { query: '', filter: anything, routes: [], recents: [], typed: [] };

const shape = (groups: Group[]) =>
  groups.map(({ kind, provider: of, options }) => [
    of?.id ?? kind,
    options.map((option) => option.offer?.id ?? '+'),
  ]);

describe('by provider', () => {
  test('favourites and recents first, what cannot be used last, each model once', () => {
    const recents = [
      { providerId: 'rou', model: 'see' },
      { providerId: 'ant', model: 'claude-opus-4-5' },
      { providerId: 'gone', model: 'x' },
    ].map(toModel);
    expect(shape(byProvider(offers, states, { ...asked, recents }))).toEqual([
      ['favourites', ['claude-opus-4-5']],
      ['recents', ['see']],
      ['ant', ['claude-sonnet-4-5']],
      ['rou', ['anthropic/claude-sonnet-4.5']],
      ['bare', ['+']],
      ['unusable', ['grok-4', 'liked']],
    ]);
  });

  test('a search has every word, however its dots are written', () => {
    const ids = (query: string) => offers.filter(searcher(query)).map((offer) => offer.id);
    expect(ids('sonnet 4.5')).toEqual(['claude-sonnet-4-5', 'anthropic/claude-sonnet-4.5']);
    expect(ids('ANT opus')).toEqual(['claude-opus-4-5']);
    expect(ids('sonnet nothing')).toEqual([]);
    const exact = offers.filter((offer) => rankOf(offer, 'see') === 0).map((offer) => offer.id);
    expect(exact).toEqual(['see']);
  });

  test('a filter asks for what is known', () => {
    const ids = (filter: Partial<typeof anything>) =>
      byProvider(offers, states, { ...asked, filter: { ...anything, ...filter } })
        .flatMap((group) => group.options)
        .map((option) => option.offer?.id);
    expect(ids({ images: true })).toEqual(['see']);
    expect(ids({ pdf: true })).toEqual([]);
    expect(ids({ context: 128_000 })).toEqual(['anthropic/claude-sonnet-4.5']);
    expect(ids({ free: true })).toEqual([]);
  });

  test('the model of the chat is there, listed, hidden or unknown', () => {
    const has = (id: string) =>
      offersOf(all, trouble, [], toModel({ providerId: 'ant', model: id })).filter((offer) => offer.id === id)
        .length;
    expect(['claude-sonnet-4-5', 'claude-old', 'my-own'].map(has)).toEqual([1, 1, 1]);
  });

  test('a name no list has is offered as written, by those that can be asked', () => {
    expect(typedOffers(all, trouble, 'tuned').map((offer) => offer.provider.id)).toEqual([
      'ant',
      'rou',
      'bare',
    ]);
    expect(typedOffers(all, trouble, 'see').map((offer) => offer.provider.id)).toEqual(['ant', 'bare']);
    expect(typedOffers(all, trouble, 'two words')).toEqual([]);
  });
});

describe('routes', () => {
  const careful = routeOf('Careful', 'priority', [
    ['ant', 'claude-sonnet-4-5', { can: { ...unknownCan, tools: true } }],
    ['rou', 'see', { can: { ...unknownCan, images: true } }],
  ]);
  const routes = [builtInRoute(), careful];
  const lines = (current: Parameters<typeof routeLines>[1]) => routeLines(routes, current, all);
  const names = (current: Parameters<typeof routeLines>[1]) => lines(current).map(({ name }) => name);

  test('come first, however the models are grouped', () => {
    const with_ = { ...asked, routes: lines(null) };
    expect(byProvider(offers, states, with_)[0]?.kind).toBe('routes');
    expect(byModel(offers, with_, new Set())[0]?.options.map(({ key }) => key)).toEqual(['/route-careful']);
  });

  test('the built-in one is there for a model that several serve, and where the chat goes to it', () => {
    expect(names(null)).toEqual(['Careful']);
    expect(names(toModel({ providerId: 'ant', model: 'claude-sonnet-4-5' }))).toEqual(['Careful']);
    expect(names(toRoute('route-built-in', 'claude-sonnet-4-5'))).toEqual(['In my order', 'Careful']);
    const twice = all.map((one) => ({ ...one, models: [...one.models, model('shared')] }));
    const [order] = routeLines(routes, toModel({ providerId: 'ant', model: 'shared' }), twice);
    expect(order?.asks.map(({ id }) => id)).toEqual(twice.filter((one) => one.enabled).map(({ id }) => id));
    expect(order?.target).toEqual(toRoute('route-built-in', 'shared'));
  });

  test('are found by their name, whom they ask and for what', () => {
    const found = (query: string) =>
      byProvider(offers, states, { ...asked, routes: lines(null), query }).some(
        ({ kind }) => kind === 'routes',
      );
    expect(['care', 'ROU', 'sonnet', 'careful see'].map(found)).toEqual([true, true, true, true]);
    expect(found('mistral')).toBe(false);
  });

  test('pass a filter that one of their targets passes', () => {
    const kept = (filter: Partial<typeof anything>) =>
      byProvider(offers, states, {
        ...asked,
        routes: lines(null),
        filter: { ...anything, ...filter },
      }).some(({ kind }) => kind === 'routes');
    expect(kept({ images: true })).toBe(true);
    expect(kept({ pdf: true })).toBe(false);
    expect(kept({ free: true })).toBe(false);
  });

  test('say one figure where all their targets have it', () => {
    expect(spanOf([8, 8])).toBe(8);
    expect(spanOf([8, 4])).toBe('varies');
    expect(spanOf([8, null])).toBe('varies');
    expect(spanOf([null, null])).toBeNull();
    expect(spanOf([])).toBeNull();
  });
});

describe('by model', () => {
  const open = (...keys: string[]) => new Set(keys);

  test('the offers of a model are one line, the cheapest in front', () => {
    const [, models] = byModel(offers, asked, open());
    const family = models?.options[0];
    expect(family).toMatchObject({ kind: 'family', key: '~claude-sonnet-4-5', open: false });
    expect(family?.offers.map((offer) => offer.provider.id)).toEqual(['rou', 'ant']);
    expect(shape(byModel(offers, asked, open())).map(([kind]) => kind)).toEqual([
      'favourites',
      'models',
      'unusable',
    ]);
  });

  test('opened, it shows who offers it and marks the cheapest', () => {
    const [, models] = byModel(offers, asked, open('~claude-sonnet-4-5'));
    const inner = models?.options.filter((option): option is ModelOption => option.inner);
    expect(inner?.map(({ provider: of, cheapest: low }) => [of.id, low])).toEqual([
      ['rou', true],
      ['ant', false],
    ]);
  });

  test('also offered by others, not by itself', () => {
    const sonnet = offers.find((offer) => offer.id === 'claude-sonnet-4-5') as Offer;
    expect(alsoOffered(offers, sonnet).map((offer) => offer.provider.id)).toEqual(['rou']);
  });
});

describe('the rows that are drawn', () => {
  const groupsOf = (sizes: number[]): Group[] =>
    sizes.map((size, at) => ({
      key: `g${at}`,
      kind: 'provider',
      provider: null,
      options: Array.from(
        { length: size },
        (_, index) => ({ key: `${at} ${index}` }) as Group['options'][number],
      ),
    }));

  test('fill what is seen and no more, wherever the list is scrolled to', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 12 }),
        fc.nat(60_000),
        fc.integer({ min: 1, max: 900 }),
        (sizes, top, height) => {
          const layout = layOut(groupsOf(sizes));
          const from = Math.min(top, Math.max(0, layout.height - height));
          const slice = sliceOf(layout, from, height, 100);
          const drawn = slice.groups.reduce(
            (sum, { head, rows }) => sum + (head ? HEAD : 0) + rows.length * LINE,
            0,
          );
          expect(slice.before + drawn + slice.after).toBe(layout.height);
          expect(slice.before).toBeLessThanOrEqual(from);
          expect(slice.before + drawn).toBeGreaterThanOrEqual(Math.min(layout.height, from + height));
          expect(drawn).toBeLessThanOrEqual(height + 200 + 3 * LINE);
        },
      ),
    );
  });
});
