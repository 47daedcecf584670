import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assignable,
  bindingsOf,
  chordLabel,
  chordsOf,
  holderOf,
  mayAct,
  parseChord,
  plain,
  preferenceOf,
  type Pressed,
} from './shortcuts';

const press = (key: string, over: Partial<Pressed> & { altGraph?: boolean } = {}): Pressed => ({
  key,
  code: '',
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  isComposing: false,
  getModifierState: (name) => name === 'AltGraph' && over.altGraph === true,
  ...over,
});

describe('a chord', () => {
  test.each([
    ['mod+shift+r', 'Mod+Shift+R'],
    ['Shift+Mod+r', 'Mod+Shift+R'],
    ['Mod++', 'Mod++'],
    ['+', '+'],
    ['Mod+Shift+?', 'Mod+?'],
    ['Shift+?', '?'],
    ['Shift+F6', 'Shift+F6'],
    ['Alt+ArrowUp', 'Alt+ArrowUp'],
    ['', null],
    ['Mod+', null],
    ['Mod+Mod+K', null],
    ['Hyper+K', null],
    ['Mod+Shift', null],
    ['Mod+Dead', null],
    ['Mod+a b', null],
  ])('%s is written %s', (text, chord) => expect(parseChord(text)).toBe(chord));

  test('once read, it stays as it is', () => {
    const names = fc.subarray(['Mod', 'Ctrl', 'Alt', 'Shift', 'Meta']);
    const key = fc.oneof(
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }),
      fc.constantFrom('F6', 'Enter', '+', 'ArrowUp', '?'),
    );
    fc.assert(
      fc.property(names, key, (held, pressed) => {
        const chord = parseChord([...held, pressed].join('+'));
        if (chord !== null) expect(parseChord(chord)).toBe(chord);
      }),
    );
  });

  test('is drawn with the names of the system', () => {
    expect(chordLabel('Mod+Shift+R', false)).toBe('Ctrl Shift R');
    expect(chordLabel('Mod+Shift+R', true)).toBe('Cmd Shift R');
    expect(chordLabel('Alt+ArrowUp', true)).toBe('Option Up');
    expect(chordLabel('Mod++', false)).toBe('Ctrl +');
  });
});

describe('a press', () => {
  test.each<[string, Pressed, boolean, string[]]>([
    ['a letter', press('k', { ctrlKey: true, code: 'KeyK' }), false, ['Mod+K']],
    ['with caps lock', press('K', { ctrlKey: true, code: 'KeyK' }), false, ['Mod+K']],
    ['on a Mac', press('k', { metaKey: true, code: 'KeyK' }), true, ['Mod+K']],
    ['Ctrl on a Mac', press('k', { ctrlKey: true, code: 'KeyK' }), true, ['Ctrl+K']],
    ['the system key', press('k', { metaKey: true, code: 'KeyK' }), false, ['Meta+K']],
    ['Cyrillic', press('л', { ctrlKey: true, code: 'KeyK' }), false, ['Mod+Л', 'Mod+K']],
    [
      'Cyrillic with Shift',
      press('К', { ctrlKey: true, shiftKey: true, code: 'KeyR' }),
      false,
      ['Mod+Shift+К', 'Mod+Shift+R'],
    ],
    ['Dvorak', press('k', { ctrlKey: true, code: 'KeyV' }), false, ['Mod+K']],
    ['French figures', press('&', { ctrlKey: true, code: 'Digit1' }), false, ['Mod+&', 'Mod+1']],
    ['Option', press('å', { altKey: true, code: 'KeyA' }), true, ['Alt+Å', 'Alt+A']],
    ['plus', press('+', { ctrlKey: true, shiftKey: true, code: 'Equal' }), false, ['Mod++']],
    ['a question mark', press('?', { shiftKey: true, code: 'Slash' }), false, ['?']],
    ['AltGr', press('q', { ctrlKey: true, altKey: true, altGraph: true }), false, []],
    ['a dead key', press('Dead', { code: 'BracketLeft' }), false, []],
    ['an input method', press('Process', { ctrlKey: true }), false, []],
    ['composing', press('k', { ctrlKey: true, isComposing: true }), false, []],
    ['a modifier', press('Control', { ctrlKey: true }), false, []],
  ])('of %s', (_, event, mac, chords) => expect(chordsOf(event, mac)).toEqual(chords));
});

describe('where a chord may act', () => {
  const field = document.createElement('textarea');
  const box = document.createElement('input');
  box.type = 'checkbox';
  const button = document.createElement('button');

  test('plain keys never act in a field', () => {
    for (const chord of ['?', 'A', 'Shift+A', 'Enter', 'Space']) {
      expect(plain(chord)).toBe(true);
      expect(mayAct(chord, field)).toBe(false);
      expect(mayAct(chord, button)).toBe(true);
      expect(mayAct(chord, box)).toBe(true);
    }
    for (const chord of ['Mod+K', 'F6', 'Alt+ArrowUp', 'Shift+F6']) expect(mayAct(chord, field)).toBe(true);
  });

  test('a field keeps what it edits with, an empty one gives Undo away', () => {
    field.value = 'words';
    expect(mayAct('Mod+Z', field)).toBe(false);
    expect(mayAct('Mod+C', field)).toBe(false);
    field.value = '';
    expect(mayAct('Mod+Z', field)).toBe(true);
    expect(mayAct('Mod+C', field)).toBe(false);
  });

  test.each(['Enter', 'Escape', 'Tab', 'Shift+Tab', 'ArrowUp', 'Delete', 'Mod+C', 'Mod+V'])(
    '%s is given to no action',
    (chord) => expect(assignable(chord)).toBe(false),
  );
  test.each(['Mod+Enter', 'F2', 'Alt+ArrowUp', '?', 'Mod+Z'])('%s can be given', (chord) =>
    expect(assignable(chord)).toBe(true),
  );
});

describe('the keys of the actions', () => {
  const actions = [
    { id: 'chat.new', keys: ['Mod+N'] },
    { id: 'model.choose', keys: ['Mod+L', 'F4'] },
    { id: 'chat.delete', keys: [] },
  ];

  test('are the usual ones, the chosen ones, or none', () => {
    const own = { [preferenceOf('chat.new')]: 'mod+b F7', [preferenceOf('model.choose')]: '' };
    expect(Object.fromEntries(bindingsOf(actions, own))).toEqual({
      'chat.new': ['Mod+B', 'F7'],
      'model.choose': [],
      'chat.delete': [],
    });
    expect(bindingsOf(actions, {}).get('model.choose')).toEqual(['Mod+L', 'F4']);
  });

  test('a chosen key is taken from who had it by default, and comes back with the choice', () => {
    const taken = bindingsOf(actions, { 'key.chat.delete': 'Mod+L' });
    expect(taken.get('chat.delete')).toEqual(['Mod+L']);
    expect(taken.get('model.choose')).toEqual(['F4']);
    expect(holderOf(taken, 'Mod+L', 'chat.new')).toBe('chat.delete');
    expect(holderOf(taken, 'Mod+L', 'chat.delete')).toBeNull();
    expect(bindingsOf(actions, {}).get('model.choose')).toContain('Mod+L');
  });

  test('what cannot be read or may not be given is left out', () => {
    const bound = bindingsOf(actions, { 'key.chat.new': 'Enter Mod+Mod+K  nonsense+x Mod+J' });
    expect(bound.get('chat.new')).toEqual(['Mod+J']);
  });

  test('a default is never held twice, whatever was chosen', () => {
    const chord = fc.constantFrom('Mod+N', 'Mod+L', 'F4', 'Mod+J', 'Enter', '');
    fc.assert(
      fc.property(fc.array(chord, { minLength: 3, maxLength: 3 }), fc.nat(7), (chords, chosen) => {
        const own = Object.fromEntries(
          actions.flatMap(({ id }, at) => (chosen & (1 << at) ? [[preferenceOf(id), chords[at] ?? '']] : [])),
        );
        const bound = bindingsOf(actions, own);
        for (const { id, keys } of actions) {
          if (Object.hasOwn(own, preferenceOf(id))) continue;
          for (const key of bound.get(id) ?? []) {
            expect(keys).toContain(key);
            expect(holderOf(bound, key, id)).toBeNull();
          }
        }
      }),
    );
  });
});
