import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { t } from '$lib/i18n/en';
import type { CallMark, HealthView } from '$lib/ipc/bindings';
import { manyProviders, model } from '$lib/ipc/fake/catalogue';
import { BackendError } from '$lib/ipc/errors';
import { httpsOf } from '$lib/keys/origin';
import { Refused } from '$lib/state/drafts.svelte';
import { barsOf, PLACES } from './calls';
import { explain, objectOf, smellsOfKey, wholeOf } from './explain';
import { builtRows } from '$lib/ui/built';
import { matching } from './modelRows';
import { sharesOf } from './results';

const call = (over: Partial<CallMark> = {}): CallMark => ({
  at: 0,
  outcome: 'complete',
  firstTokenMs: 700,
  category: null,
  model: 'm',
  ...over,
});
const failed = (category: CallMark['category']) => call({ outcome: 'failed', firstTokenMs: null, category });
const health = (calls: CallMark[], median: number | null = 700): HealthView => ({
  calls,
  failed: calls.filter(({ outcome }) => outcome !== 'complete').length,
  firstTokenMedianMs: median,
  firstTokenP95Ms: null,
  lastError: null,
  probe: null,
});

describe('the bars of the last calls', () => {
  it('tell what failed, what broke off, what was slow and what is not known', () => {
    const calls = [
      call(),
      call({ firstTokenMs: 2000 }),
      failed('overloaded'),
      call({ outcome: 'interrupted', category: 'broken_stream' }),
      call({ firstTokenMs: null }),
    ];
    expect(barsOf(health(calls)).map(({ kind }) => kind)).toEqual([
      'ok',
      'slow',
      'failed',
      'failed',
      'unknown',
    ]);
  });

  it('calls nothing slow that came at once', () => {
    const quick = [call({ firstTokenMs: 40 }), call({ firstTokenMs: 90 })];
    expect(barsOf(health(quick, 40)).map(({ kind }) => kind)).toEqual(['ok', 'ok']);
  });

  it('are at most twenty, fit their place and are higher the later the first token came', () => {
    const times = fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 600_000 }), (all, median) => {
        const bars = barsOf(
          health(
            all.map((firstTokenMs) => call({ firstTokenMs })),
            median,
          ),
        );
        expect(bars.length).toBe(Math.min(PLACES, all.length));
        for (const { height } of bars) {
          expect(height).toBeGreaterThan(0);
          expect(height).toBeLessThanOrEqual(1);
        }
        for (const one of bars)
          for (const other of bars)
            if ((one.call.firstTokenMs ?? 0) > (other.call.firstTokenMs ?? 0))
              expect(one.height).toBeGreaterThanOrEqual(other.height);
      }),
    );
  });
});

describe('the sentence about the last calls', () => {
  const how = t.provider.calls.how;

  it('says that all is well, with the median where it is known', () => {
    expect(how(health([call()]), '0.78 s')).toBe('Answers well. Median 0.78 s.');
    expect(how(health([call()], null), null)).toBe('Answers well.');
  });

  it('says how many failed and why, the last cause first and each once', () => {
    const calls = [call(), failed('timeout'), failed('overloaded'), failed('overloaded')];
    expect(how(health(calls), '0.78 s')).toBe('3 of the last 4 calls failed: overloaded and too slow.');
    expect(how(health([failed('overloaded')]), null)).toBe('The last call failed: overloaded.');
    expect(how(health([failed('network'), failed('network')]), null)).toBe(
      'All of the last 2 calls failed: not reached.',
    );
  });
});

describe('the rows of a long list that are built', () => {
  it('stand for every row once, in order, with the one that must stay', () => {
    const count = fc.integer({ min: 0, max: 3000 });
    const at = fc.integer({ min: -50, max: 3100 });
    fc.assert(
      fc.property(count, at, fc.nat(60), fc.option(at), (all, from, height, kept) => {
        const built = builtRows(all, from, from + height, kept);
        let next = 0;
        for (const { row, skipped } of built) {
          expect(row).toBe(next + skipped);
          next = row + 1;
        }
        expect(next).toBeLessThanOrEqual(all);
        expect(built.length).toBeLessThanOrEqual(height + 1);
        const has = (row: number) => built.some((one) => one.row === row);
        for (let row = Math.max(0, from); row < Math.min(all, from + height); row += 1)
          expect(has(row)).toBe(true);
        if (kept !== null && kept >= 0 && kept < all) expect(has(kept)).toBe(true);
      }),
    );
  });

  it('are found by every word, in the id or the name, whatever their case', () => {
    const models = [model('lab/alpha-1', 'Alpha One', 1, 1, 1), model('lab/beta', null, 1, 1, 1)];
    const found = (query: string) => matching(models, query).map(({ id }) => id);
    expect(found('  ')).toEqual(['lab/alpha-1', 'lab/beta']);
    expect(found('LAB one')).toEqual(['lab/alpha-1']);
    expect(found('lab two')).toEqual([]);
  });
});

describe('what is typed into the settings', () => {
  it('is a whole number of one or more, or nothing', () => {
    expect(wholeOf(' 50 ', 'no')).toBe(50);
    expect(wholeOf('', 'no')).toBeNull();
    for (const text of ['0', '-1', '1.5', 'many', '4294967296', '1e3'])
      expect(() => wholeOf(text, 'no'), text).toThrow(Refused);
  });

  it('is a JSON object, kept as it was written', () => {
    expect(objectOf('')).toBe('');
    expect(objectOf('{ "seed": 7 }')).toBe('{ "seed": 7 }');
    for (const text of ['[1]', '7', 'null', '"x"', '{oops'])
      expect(() => objectOf(text), text).toThrow(Refused);
  });

  it('is taken for a secret by the name of its header', () => {
    for (const name of ['X-Api-Key', 'cf-access-client-secret', 'x-auth', 'Cookie', 'X-Session-Id'])
      expect(smellsOfKey(name), name).toBe(true);
    for (const name of ['x-title', 'http-referer', 'anthropic-beta', 'anthropic-version'])
      expect(smellsOfKey(name), name).toBe(false);
  });

  it('is refused in a sentence of the page, or in the words for the command', () => {
    const error = (code: string, cause: string | null) =>
      new BackendError({ code, cause, category: null, message: 'm', field: 'x', status: null });
    expect(explain(error('invalid', 'locked'))).toContain('Give it under Keys.');
    expect(explain(error('invalid', 'constructor'))).toBe('That cannot be accepted.');
    expect(explain(error('secret', 'locked'))).toContain('The store of keys is locked.');
    expect(explain(error('disk_full', null))).toContain('The disk is full');
    expect(explain(new Refused('So.'))).toBe('So.');
  });
});

describe('what each key cost', () => {
  it('is a part of the whole, in the order of the keys, with nothing for one that was not used', () => {
    const [anthropic] = manyProviders();
    if (!anthropic) throw new Error('the fake needs its providers');
    const spend = (totalNano: number) => ({ totalNano, estimatedNano: 0, unknown: 0, entries: 1 });
    const facts = {
      providerId: anthropic.id,
      circuits: [],
      spend: spend(20e9),
      health: health([]),
      accounts: [
        { accountId: 'a-gone', spend: spend(10e9), health: health([]), restsUntil: null, restsBecause: null },
        { accountId: 'a-work2', spend: spend(5e9), health: health([]), restsUntil: null, restsBecause: null },
      ],
      running: 0,
      waiting: 0,
    };
    expect(sharesOf(anthropic, facts).map(({ label, percent }) => [label, percent])).toEqual([
      ['Personal', 0],
      ['Work', 25],
    ]);
  });
});

describe('the same address with https', () => {
  it('is there for http alone', () => {
    expect(httpsOf(' http://host.example:8080/v1 ')).toBe('https://host.example:8080/v1');
    expect(httpsOf('HTTP://host.example')).toBe('https://host.example');
    for (const url of ['https://host.example', 'ftp://host.example', 'host.example', 'http://'])
      expect(httpsOf(url), url).toBeNull();
  });
});
