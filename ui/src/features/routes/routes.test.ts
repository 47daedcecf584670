import { describe, expect, it } from 'vitest';
import { t } from '$lib/i18n/en';
import type { DryRunLine, DryRunView, SkipReason, TargetStanding } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { failure } from '$lib/ipc/fake/checks';
import { manyProviders, marks } from '$lib/ipc/fake/catalogue';
import { usualRules } from '$lib/ipc/fake/routeScenes';
import { unknownCan } from '$lib/ipc/unknownCan';
import { plainTarget } from '$lib/state/routeInput';
import { chosenOf, figuresOf, firstBack, linesOf, nextOf } from './dryLines';
import { countOf, explain, numberOf } from './explain';
import { GROUPS, tickedOf, withGroup } from './moveOn';
import { countdown, readSpan, showSpan, spanOf } from './spans';
import { changed, keysOf, placed, without } from './targetList';
import { detailOf, isSameElsewhere, nextEnd, outOf, shareOf, standOf } from './targetRows';

const ready: TargetStanding = { skip: null, until: null, because: null };
const overloaded = failure('overloaded', 529, 'overloaded_error', 'Overloaded');

describe('spans', () => {
  it.each([
    [500, '0.5 s'],
    [8000, '8 s'],
    [60_000, '1 min'],
    [90_000, '90 s'],
    [3_600_000, '1 h'],
    [86_400_000, '1 d'],
    [0, '0 s'],
  ])('%s ms is %s, and back', (ms, text) => {
    expect(showSpan(ms)).toBe(text);
    expect(readSpan(text, 's')).toBe(ms);
  });

  it.each([
    ['30', 30_000],
    ['30 sec', 30_000],
    ['1,5 s', 1500],
    ['250ms', 250],
    ['5 minutes', 300_000],
    ['2H', 7_200_000],
    ['soon', null],
    ['-3 s', null],
    ['5 m 3 s', null],
    ['', null],
  ])('%s is read as %s', (text, ms) => expect(readSpan(text, 's')).toBe(ms));

  it('says what is taken instead', () => {
    const words = { noTime: 'no time', tooMuch: (least: string, most: string) => `${least} to ${most}` };
    const bounds = { least: 1000, most: 600_000 };
    expect(spanOf('2 min', bounds, words)).toBe(120_000);
    expect(() => spanOf('x', bounds, words)).toThrow('no time');
    expect(() => spanOf('1 h', bounds, words)).toThrow('1 s to 10 min');
  });

  it.each([
    [134_000, '2:14'],
    [59_001, '1:00'],
    [3_905_000, '1:05:05'],
    [-5, '0:00'],
  ])('%s ms to go is %s', (ms, text) => expect(countdown(ms)).toBe(text));
});

describe('what a route moves on for', () => {
  it('ticks each group whose failures are all in', () => {
    const on = usualRules().switchOn;
    expect(GROUPS.map((group) => tickedOf(group, on))).toEqual([
      'all',
      'all',
      'all',
      'all',
      'all',
      'all',
      'none',
    ]);
  });

  it('puts a group in or out and leaves the others', () => {
    const network = GROUPS[2];
    const on = withGroup(['overloaded', 'timeout'], network, true);
    expect(on).toEqual(['overloaded', 'network', 'timeout', 'broken_stream']);
    expect(withGroup(on, network, false)).toEqual(['overloaded']);
    expect(tickedOf(network, ['timeout'])).toBe('some');
  });

  it('has no box for what never moves on, and none twice', () => {
    const all = GROUPS.flatMap(({ categories }) => [...categories] as string[]);
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toContain('bad_request');
    expect(all).not.toContain('cancelled');
    expect(all).toHaveLength(13);
  });
});

describe('targets', () => {
  const at = (providerId: string, model: string) => plainTarget({ providerId, model });
  const all = [at('a', 'x'), at('b', 'y'), at('a', 'x'), at('c', 'z')];
  const names = (targets: typeof all) => targets.map(({ target }) => target.providerId).join('');

  it('have names of their own, even two alike', () => {
    const keys = keysOf(all);
    expect(new Set(keys).size).toBe(4);
    expect(keysOf(all.slice(0, 2))).toEqual(keys.slice(0, 2));
  });

  it('go where they are put, and no further than the ends', () => {
    const [first = '', second = ''] = keysOf(all);
    expect(names(placed(all, first, (from) => from + 1))).toBe('baac');
    expect(names(placed(all, second, () => 0))).toBe('baac');
    expect(names(placed(all, second, () => 99))).toBe('aacb');
    expect(names(placed(all, first, (from) => from - 1))).toBe('abac');
    expect(names(placed(all, 'gone', () => 0))).toBe('abac');
  });

  it('move twice where two steps are asked for before the first is kept', () => {
    const [first = ''] = keysOf(all.slice(1));
    const step = (targets: typeof all) => placed(targets, first, (from) => from + 1);
    expect(names(step(step(all.slice(1))))).toBe('acb');
  });

  it('change and go one by one', () => {
    const third = keysOf(all)[2] ?? '';
    expect(names(without(all, third))).toBe('abc');
    expect(changed(all, third, (one) => ({ ...one, weight: 7 })).map(({ weight }) => weight)).toEqual([
      1, 1, 7, 1,
    ]);
  });

  it('have shares of their weights', () => {
    expect([70, 30].map((weight) => shareOf(weight, [{ weight: 70 }, { weight: 30 }]))).toEqual([70, 30]);
    expect(shareOf(0, [])).toBe(0);
  });
});

describe('how a target stands', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  const resting: TargetStanding = { skip: 'resting', until: now + 134_000, because: overloaded };
  const target = (standing: TargetStanding) => ({
    ...plainTarget({ providerId: 'p-anthropic', model: 'claude-sonnet-4-5' }),
    standing,
    inputNano: null,
    outputNano: null,
    context: 200_000,
    can: unknownCan,
  });

  it('counts a rest down, and takes one that is over for ready', () => {
    expect(standOf(resting, now)).toEqual({ kind: 'warn', icon: 'clock', text: 'rests 2:14' });
    expect(standOf(resting, now + 134_000).text).toBe('ready');
    expect(standOf({ ...ready, skip: 'noKey' }, now)).toEqual({ kind: 'err', icon: 'bad', text: 'no key' });
    expect(standOf({ ...ready, skip: 'resting' }, now).text).toBe('rests');
  });

  it('says why, or what is special about it', () => {
    const provider = manyProviders()[0];
    expect(detailOf(target(resting), provider, now)).toMatch(/^Overloaded \(529\), back at \d\d:\d\d$/);
    expect(
      detailOf({ ...target(ready), accountId: 'a-work2', overrides: { temperature: 0.2 } }, provider, now),
    ).toBe('Only with Work, temperature 0.2, 200k context');
    expect(detailOf(target({ ...ready, skip: 'gone' }), undefined, now)).toBe('Its provider was deleted');
  });

  it('knows the same model through another vendor, whatever that calls it', () => {
    const [first, second] = manyProviders();
    if (!first || !second) throw new Error('the fake needs its providers');
    const mapped = {
      ...second,
      id: 'mapped',
      vendor: 'mine',
      settings: { ...second.settings, modelMapping: [{ asked: 'best', sent: 'lab/claude-sonnet-4.5' }] },
    };
    const twin = { ...first, id: 'twin' };
    const all = [{ ...first, id: 'first' }, twin, mapped];
    const asks = (...pairs: [string, string][]) =>
      pairs.map(([providerId, model]) => ({ target: { providerId, model } }));
    const told = (...pairs: [string, string][]) =>
      isSameElsewhere(asks(['first', 'claude-sonnet-4-5'], ...pairs), pairs.length, all);
    expect(told(['mapped', 'best'])).toBe(true);
    expect(told(['mapped', 'anthropic/claude-sonnet-4-5-20250929'])).toBe(true);
    expect(told(['mapped', 'claude-opus-4-5'])).toBe(false);
    // Another account of the same vendor is no other vendor.
    expect(told(['twin', 'claude-sonnet-4-5'])).toBe(false);
    expect(told(['gone', 'claude-sonnet-4-5'])).toBe(false);
    expect(isSameElsewhere(asks(['mapped', 'best']), 0, all)).toBe(false);
  });

  it('counts who rests and who is out, and knows the next end', () => {
    const route = {
      id: 'r',
      slug: 'r',
      name: 'r',
      builtIn: false,
      strategy: 'priority' as const,
      rules: {},
      targets: [target(resting), target({ ...ready, skip: 'noKey' as SkipReason }), target(ready)],
    };
    expect(outOf(route, now)).toEqual({ resting: 1, out: 1 });
    expect(nextEnd([route], now)).toBe(now + 134_000);
    expect(nextEnd([route], now + 134_000)).toBeNull();
  });
});

describe('the lines of a dry run', () => {
  const now = 1_000_000;
  const line = (part: Partial<DryRunLine>): DryRunLine => ({
    index: 0,
    target: { providerId: 'p', model: 'm' },
    providerName: 'Anthropic',
    mark: marks.anthropic,
    category: 'cloud',
    verdict: 'next',
    skip: null,
    until: null,
    because: null,
    account: null,
    costNano: null,
    firstTokenMs: null,
    ...part,
  });
  const reasons = Object.keys({
    gone: 0,
    disabled: 0,
    noKey: 0,
    keyRejected: 0,
    throttled: 0,
    resting: 0,
    atLimit: 0,
    overBudget: 0,
    contextTooLong: 0,
    noVision: 0,
    noFiles: 0,
    tried: 0,
    retriesSpent: 0,
  } satisfies Record<SkipReason, 0>) as SkipReason[];

  it('have words for every reason, no two alike', () => {
    const view: DryRunView = {
      at: now,
      lines: reasons.map((skip, index) => line({ index, skip, verdict: 'skipped' })),
      firstBack: null,
    };
    const texts = linesOf(view, 'priority', 0, now).map(({ text }) => text);
    expect(new Set(texts).size).toBe(reasons.length);
    for (const text of texts) expect(text).toMatch(/^[A-Zm].*\.$/);
    expect(new Set(reasons.map((skip) => t.routes.target.badge(skip))).size).toBe(reasons.length);
  });

  it('call a failure what the chat calls it', () => {
    for (const category of ['no_credit', 'unknown_model', 'refused', 'internal'] as const) {
      const because = failure(category, 400, 'type', 'text');
      const [said, chat] = [t.routes.switches.cause(because), t.fallback.cause(because)];
      expect(said.toLowerCase()).toBe(chat);
      expect(said).toMatch(/^[A-Z]/);
    }
  });

  it('say who is chosen and why, and who comes then', () => {
    const view: DryRunView = {
      at: now,
      lines: [
        line({ verdict: 'skipped', skip: 'resting', until: now + 134_000, because: overloaded }),
        line({ index: 1, verdict: 'chosen', account: 'Work', costNano: 13_000_000, firstTokenMs: 900 }),
        line({ index: 2, costNano: 0 }),
        line({ index: 3 }),
      ],
      firstBack: null,
    };
    const lines = linesOf(view, 'priority', 1, now);
    expect(lines.map(({ title }) => title)).toEqual(['Skipped', 'Chosen', 'Would be next', 'Then']);
    expect(lines.map(({ text }) => text)).toEqual([
      'It failed too often and rests: overloaded (529). Back in 2 min 14 s.',
      'Next in order. Reads images. With the key “Work”.',
      'Reads images. No cost for this prompt.',
      'Reads images. Cost unknown for this prompt.',
    ]);
    expect([chosenOf(view)?.index, nextOf(view)?.index]).toEqual([1, 2]);
    expect(figuresOf(view.lines[1] as DryRunLine)).toEqual({
      cost: '≈ $0.013',
      first: 'first token about 0.90 s',
    });
    expect(figuresOf(view.lines[3] as DryRunLine)).toEqual({
      cost: 'cost unknown',
      first: 'not measured yet',
    });
  });

  it('say who is back first where nobody is ready', () => {
    const until = now + 61_000;
    const lines = [line({ verdict: 'skipped', skip: 'throttled', until })];
    expect(firstBack({ at: now, lines, firstBack: until }, now)).toEqual({
      name: 'Anthropic',
      left: '1 min 1 s',
      waits: false,
    });
    const limited = [line({ verdict: 'skipped', skip: 'atLimit', until })];
    expect(firstBack({ at: now, lines: limited, firstBack: until }, now)?.waits).toBe(true);
    expect(firstBack({ at: now, lines, firstBack: null }, now)).toBeNull();
  });
});

describe('what a field is told', () => {
  const invalid = (field: string, cause: string) =>
    new BackendError({ code: 'invalid', category: null, message: '', field, status: null, cause });

  it('is about that field', () => {
    expect(explain(invalid('name', 'empty'))).toBe('A route needs a name.');
    expect(explain(invalid('restCapS', 'out_of_range'))).toBe(
      'Not shorter than the first rest, at most 24 h.',
    );
    expect(explain(invalid('weight.2', 'out_of_range'))).toBe('This is too small or too large.');
  });

  it('reads numbers as people write them', () => {
    expect(numberOf('16,000', { least: 1, most: 1e9, whole: true }, 'no')).toBe(16_000);
    expect(numberOf('0,2', { least: 0, most: 2, whole: false }, 'no')).toBe(0.2);
    expect(numberOf('', { least: 0, most: 2, whole: false }, 'no')).toBeNull();
    expect(() => countOf('7', 1, 6)).toThrow('From 1 to 6.');
    expect(() => countOf('', 1, 6)).toThrow('A whole number.');
  });
});
