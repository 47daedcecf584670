import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { match, pieces } from './rank';
import { modeOf, MOST, resultsFor, type Entry, type Sources } from './results';

const score = (query: string, text: string, keywords?: string) => match(query, text, keywords)?.score ?? -1;
const marked = (query: string, text: string) =>
  pieces(text, match(query, text)?.marks ?? [])
    .filter((piece) => piece.marked)
    .map((piece) => piece.text);

describe('a match', () => {
  test('beginning, beginning of a word, inside, words apart, other words, letters: in this order', () => {
    const order = [
      score('new', 'New chat'),
      score('chat', 'New chat'),
      score('ew c', 'New chat'),
      score('chat new', 'New chat'),
      score('begin', 'New chat', 'begin start'),
      score('nwch', 'New chat'),
    ];
    expect(order.every((value) => value > 0)).toBe(true);
    expect([...order].sort((a, b) => b - a)).toEqual(order);
    expect(match('xyz', 'New chat')).toBeNull();
  });

  test('of two equal ones the shorter text comes first', () => {
    expect(score('chat', 'New chat')).toBeGreaterThan(score('chat', 'New chat with everybody'));
  });

  test('letters far apart are no match, and two letters are too few', () => {
    expect(match('abz', 'a very long text that has a b and ends with the letter z')).toBeNull();
    expect(match('nc', 'Nice colours')).toBeNull();
  });

  test('the letters that matched are marked', () => {
    expect(marked('chat', 'New chat')).toEqual(['chat']);
    expect(marked('CHAT new', 'New chat')).toEqual(['New', 'chat']);
    expect(marked('nwch', 'New chat')).toEqual(['N', 'w', 'ch']);
  });

  test('whatever is typed: marks lie in the text, in order, and nothing is lost in drawing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 12 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        (query, text) => {
          const hit = match(query, text);
          if (!hit) return;
          let last = 0;
          for (const [from, to] of hit.marks) {
            expect(from).toBeGreaterThanOrEqual(last);
            expect(to).toBeGreaterThan(from);
            last = to;
          }
          expect(
            pieces(text, hit.marks)
              .map((piece) => piece.text)
              .join(''),
          ).toBe(text);
        },
      ),
    );
  });

  test('a text finds itself', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 40 }), (text) => {
        fc.pre(text.trim() !== '');
        expect(match(text, text)).not.toBeNull();
      }),
    );
  });
});

const entries = (name: string, count: number): Entry[] =>
  Array.from({ length: count }, (_, at) => ({ id: `${name}${at}`, text: `${name} ${at}` }));

const sources = (over: Partial<Sources> = {}): Sources => ({
  recent: [],
  actions: entries('Action', 20),
  chats: entries('Chat', 20),
  models: entries('Model', 20),
  providers: entries('Provider', 3),
  settings: entries('Setting', 3),
  help: entries('Help', 3),
  ...over,
});

const lines = (typed: string, all: Sources, hits: Parameters<typeof resultsFor>[2] = []) =>
  resultsFor(typed, all, hits).flatMap((section) => section.lines);

describe('the results', () => {
  test.each([
    ['> new', 'actions', 'new'],
    ['@', 'models', ''],
    ['?keys', 'help', 'keys'],
    ['  plain words ', 'all', 'plain words'],
    ['a > b', 'all', 'a > b'],
  ])('%s looks in %s', (typed, mode, query) => expect(modeOf(typed)).toEqual({ mode, query }));

  test('begin with what was done last, then the chats, then other actions, each once', () => {
    const all = sources({ recent: entries('Action', 2) });
    const shown = resultsFor('', all);
    expect(shown.map((section) => section.group)).toEqual(['recent', 'recentChats', 'actions']);
    const ids = shown.flatMap((section) => section.lines).map((line) => line.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 2)).toEqual(['Action0', 'Action1']);
  });

  test('are a dozen at most, of the kind that was asked for', () => {
    for (const typed of ['', '>', '@', '> action', '@model', 'a', 'chat', '?']) {
      expect(lines(typed, sources()).length).toBeLessThanOrEqual(MOST);
    }
    expect(lines('>act', sources()).every((line) => line.group === 'actions')).toBe(true);
    expect(lines('@', sources()).every((line) => line.group === 'models')).toBe(true);
  });

  test('have the group with the best hit first, and messages behind the chats', () => {
    const all = sources({ actions: [{ id: 'x', text: 'Chatter' }], chats: [{ id: 'y', text: 'A chat' }] });
    const hit = { id: 'm', text: 'a chat about it', marks: [], note: '', run: () => undefined };
    expect(resultsFor('chat', all, [hit]).map((section) => section.group)).toEqual([
      'actions',
      'chats',
      'messages',
    ]);
    const many = Array.from({ length: 30 }, (_, at) => ({ ...hit, id: `m${at}` }));
    expect(lines('a', sources(), many).length).toBeLessThanOrEqual(MOST);
  });
});
