import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JudgementView, TurnView } from '$lib/ipc/bindings';
import { isBlind, letterOf, shownOrder } from './blind';
import { liveFigures } from './figures';
import {
  asTag,
  best,
  columnOf,
  equal,
  isBest,
  placed,
  ranked,
  rankOf,
  signOf,
  signsOf,
  undone,
  type Ranks,
} from './judging';
import { inputsOf, lanesFrom, moved, newLane } from './lanes';
import { marksOf, type Measured } from './marks';
import { asTable } from './table';

const measured = (key: string, firstTokenMs: number | null, nano: number | null, tokens: number | null) =>
  ({ key, firstTokenMs, nano, tokens }) satisfies Measured;

describe('marks', () => {
  it('go to the fastest, the cheapest and the longest', () => {
    const marks = marksOf([
      measured('a', 200, 900, 40),
      measured('b', 900, 10, 300),
      measured('c', null, null, 12),
    ]);
    expect(marks.get('a')).toEqual(['fastest']);
    expect(marks.get('b')).toEqual(['cheapest', 'longest']);
    expect(marks.get('c')).toBeUndefined();
  });

  it('are none of one answer alone, and none where all are the same', () => {
    expect(marksOf([measured('a', 1, 1, 1)]).size).toBe(0);
    expect(marksOf([measured('a', 5, 0, 7), measured('b', 5, 0, 7)]).size).toBe(0);
    // What is not known is not the least.
    expect(marksOf([measured('a', 5, 3, 7), measured('b', 5, null, 7)]).size).toBe(0);
  });

  it('never go to a worse one, whatever is measured', () => {
    const value = fc.option(fc.integer({ min: 0, max: 9 }), { nil: null });
    const some = fc.array(fc.tuple(value, value, value), { maxLength: 12 });
    fc.assert(
      fc.property(some, (rows) => {
        const all = rows.map(([first, nano, tokens], at) => measured(String(at), first, nano, tokens));
        for (const [key, kinds] of marksOf(all)) {
          const one = all.find((other) => other.key === key);
          if (kinds.includes('fastest'))
            for (const other of all)
              if (other.firstTokenMs !== null)
                expect(one?.firstTokenMs).toBeLessThanOrEqual(other.firstTokenMs);
          if (kinds.includes('longest'))
            for (const other of all)
              if (other.tokens !== null) expect(one?.tokens).toBeGreaterThanOrEqual(other.tokens);
        }
      }),
    );
  });
});

describe('a verdict', () => {
  const given = (ranks: string[][], tags: string[] = []): JudgementView => ({
    ranks,
    note: 'why',
    tags,
    blind: false,
    at: 0,
  });

  it('is for the best, and the same once more takes it back and keeps what was said', () => {
    expect(best(null, 'a')).toEqual({ ranks: [['a']], note: '', tags: [] });
    expect(best(given([['a']], ['code']), 'a')).toEqual({ ranks: [], note: 'why', tags: ['code'] });
    expect(best(given([['a']]), 'b').ranks).toEqual([['b']]);
    expect(isBest(given([['a', 'b']]), 'a')).toBe(false);
  });

  it('is a ranking by keys: in order, in the same place, taken out again', () => {
    let ranks: Ranks = placed([], 'b', false);
    ranks = placed(ranks, 'a', false);
    ranks = placed(ranks, 'c', true);
    expect(ranks).toEqual([['b'], ['a', 'c']]);
    expect(['a', 'b', 'c', 'd'].map((id) => rankOf(ranks, id))).toEqual([2, 1, 2, null]);
    expect(undone(ranks)).toEqual([['b'], ['a']]);
    expect(placed(ranks, 'b', false)).toEqual([['a', 'c']]);
    // Beside nobody is the first place.
    expect(placed([], 'a', true)).toEqual([['a']]);
    expect(ranked(given([], ['x']), ranks)).toEqual({ ranks: [['b'], ['a', 'c']], note: 'why', tags: ['x'] });
  });

  it('has each answer once, whatever is pressed', () => {
    const presses = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean()));
    fc.assert(
      fc.property(presses, (all) => {
        const ranks = all.reduce<Ranks>((now, [id, beside]) => placed(now, id, beside), []);
        const flat = ranks.flat();
        expect(new Set(flat).size).toBe(flat.length);
        expect(ranks.every((rank) => rank.length > 0)).toBe(true);
      }),
    );
  });

  it('may find all equal; bad in all of them is a word, told once', () => {
    expect(equal(null, ['a', 'b'], null)).toEqual({ ranks: [['a', 'b']], note: '', tags: [] });
    expect(equal(given([], ['bad']), ['a', 'b'], 'bad').tags).toEqual(['bad']);
  });

  it('has a key for each of twelve columns, by its place on the keyboard', () => {
    expect(columnOf({ code: 'Digit1', key: '!' })).toBe(0);
    expect(columnOf({ code: 'Digit0', key: '0' })).toBe(9);
    expect(columnOf({ code: 'Minus', key: '-' })).toBe(10);
    expect(columnOf({ code: 'Equal', key: '+' })).toBe(11);
    expect(columnOf({ code: 'Numpad3', key: '3' })).toBe(2);
    expect(columnOf({ code: 'KeyQ', key: 'q' })).toBeNull();
    expect([0, 8, 9, 10, 11, 12].map(signOf)).toEqual(['1', '9', '0', '-', '=', '']);
    expect([1, 4, 9, 10, 12].map(signsOf)).toEqual(['1', '1 – 4', '1 – 9', '1 – 9, 0', '1 – 9, 0, -, =']);
  });

  it('has tags of one form', () => {
    expect(asTag('  Two   Words ')).toBe('two words');
    expect(asTag('x'.repeat(80))).toHaveLength(40);
  });
});

describe('a blind prompt', () => {
  const answer = (laneId: string) => ({ laneId, messageId: `m-${laneId}`, versions: [`m-${laneId}`] });
  const turn: TurnView = {
    id: 't',
    createdAt: 0,
    prompts: [],
    answers: ['a', 'b', 'c'].map(answer),
    merges: [],
    blind: { order: ['c', 'a', 'b'], revealed: false },
    judgement: null,
    sharedFrom: null,
  };
  const order = (one: TurnView, lanes: string[]) => shownOrder(one, lanes).map(({ laneId }) => laneId);

  it('is shown in the order that was drawn, also once its names are', () => {
    expect(isBlind(turn)).toBe(true);
    expect(order(turn, ['a', 'b', 'c'])).toEqual(['c', 'a', 'b']);
    const shown = { ...turn, blind: { order: ['c', 'a', 'b'], revealed: true } };
    expect(isBlind(shown)).toBe(false);
    expect(order(shown, ['a', 'b', 'c'])).toEqual(['c', 'a', 'b']);
    expect([0, 1, 11].map(letterOf)).toEqual(['A', 'B', 'L']);
  });

  it('is otherwise in that of the lanes; those that are gone come last', () => {
    expect(order({ ...turn, blind: null }, ['b', 'a'])).toEqual(['b', 'a', 'c']);
  });
});

describe('figures of a lane under way', () => {
  const message = (text: string) => ({
    parts: [
      {
        ordinal: 0,
        kind: 'text' as const,
        attemptId: 'a',
        text,
        name: null,
        title: null,
        isError: false,
        attachment: null,
      },
    ],
  });
  const rates = { inputTokens: 1_000_000, inputRate: 2e9, outputRate: 8e9 };

  it('are guessed from its text and measured from the start of its attempt', () => {
    const figures = liveFigures(
      message('x'.repeat(400)),
      { startedAt: 1000, firstTokenMs: null },
      1500,
      3500,
      rates,
    );
    expect(figures).toEqual({ firstTokenMs: 500, perSecond: 50, tokens: 100, nano: 2e9 + 800_000 });
  });

  it('say nothing of what is not known', () => {
    const figures = liveFigures(message('word'), { startedAt: 0, firstTokenMs: null }, null, 9000, null);
    expect(figures).toEqual({ firstTokenMs: null, perSecond: null, tokens: 1, nano: null });
    // What the store measured counts before what the page saw.
    const known = liveFigures(message('x'.repeat(40)), { startedAt: 0, firstTokenMs: 200 }, 900, 1200, null);
    expect([known.firstTokenMs, known.perSecond]).toEqual([200, 10]);
    expect(
      liveFigures(message('x'.repeat(40)), { startedAt: 0, firstTokenMs: 200 }, null, 300, null).perSecond,
    ).toBeNull();
  });
});

describe('lanes', () => {
  const model = (name: string) => ({ kind: 'model' as const, providerId: 'p', model: name });
  const view = (id: string, hidden = false) => ({
    id,
    target: model(id),
    fallbackRouteId: null,
    setup: newLane(model('x')).setup,
    hidden,
    spend: { totalNano: 0, estimatedNano: 0, unknown: 0, entries: 0 },
  });

  it('keep what the page knows of them when the store names them', () => {
    const known = [{ ...newLane(model('a')), id: 'a', asked: false }];
    const lanes = lanesFrom([view('a'), view('b'), view('gone', true)], known);
    expect(lanes.map(({ id, asked }) => [id, asked])).toEqual([
      ['a', false],
      ['b', true],
    ]);
    expect(lanes[0]?.key).toBe(known[0]?.key);
  });

  it('go to the store without those whose model is gone', () => {
    const lost = { ...newLane(model('a')), target: null };
    expect(inputsOf([lost, newLane(model('b'))])).toHaveLength(1);
  });

  it('move by a place and not off the end', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c']);
  });
});

it('a table says each model with its figures, and no answer breaks out of it', () => {
  const heads = {
    model: 'Model',
    provider: 'Provider',
    status: 'State',
    firstToken: 'First token',
    speed: 'Speed',
    tokens: 'Tokens',
    cost: 'Cost',
    prompt: 'Prompt',
  };
  const column = {
    name: 'a|b',
    provider: 'P\nQ',
    status: 'done',
    firstToken: '0.2 s',
    speed: '',
    tokens: '12',
    cost: '$0.01',
    answer: '  | x |\n',
  };
  const text = asTable('One\nTwo', [column, { ...column, name: 'c', answer: ' ' }], heads);
  expect(text.split('\n')).toEqual([
    '**Prompt**',
    '',
    '> One',
    '> Two',
    '',
    '| Model | Provider | State | First token | Speed | Tokens | Cost |',
    '|---|---|---|--:|--:|--:|--:|',
    '| a\\|b | P Q | done | 0.2 s | – | 12 | $0.01 |',
    '| c | P Q | done | 0.2 s | – | 12 | $0.01 |',
    '',
    '## a|b (P Q)',
    '',
    '| x |',
    '',
  ]);
});
