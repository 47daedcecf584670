import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Preferences, printPreference, readPreference, showPreferences } from './preferences.svelte';

describe('preferences', () => {
  it('are their defaults where nothing, or nothing of theirs, is stored', () => {
    expect(readPreference({}, 'send-with')).toBe('enter');
    expect(readPreference({ 'send-with': 'mod-enter' }, 'send-with')).toBe('mod-enter');
    expect(readPreference({ 'send-with': 'ENTER ' }, 'send-with')).toBe('enter');
    expect(readPreference({ 'reading-size': '99' }, 'reading-size')).toBe('14');
    expect(readPreference({ 'link-hosts': 'example.org <b> example.org a.example' }, 'link-hosts')).toEqual([
      'example.org',
      'a.example',
    ]);
  });

  it('read any text without complaint, and print what they read back to the same', () => {
    const stored = fc.dictionary(
      fc.constantFrom('send-with', 'hues', 'link-hosts', '__proto__', 'reading-size'),
      fc.string({ unit: 'binary', maxLength: 400 }),
    );
    fc.assert(
      fc.property(stored, (given) => {
        for (const name of ['send-with', 'hues', 'reading-size'] as const) {
          const value = readPreference(given, name);
          const printed = printPreference(name, value);
          expect(readPreference(printed === null ? {} : { [name]: printed }, name)).toBe(value);
        }
        const hosts = readPreference(given, 'link-hosts');
        const printed = printPreference('link-hosts', hosts);
        expect(readPreference(printed === null ? {} : { 'link-hosts': printed }, 'link-hosts')).toEqual(
          hosts,
        );
      }),
    );
  });

  it('store no more hosts than the store takes, and keep the newest', () => {
    const many = Array.from({ length: 500 }, (_, at) => `${'long-name.'.repeat(20)}example-${at}.org`);
    const printed = printPreference('link-hosts', many) ?? '';
    expect(new TextEncoder().encode(printed).length).toBeLessThanOrEqual(4000);
    expect(readPreference({ 'link-hosts': printed }, 'link-hosts')[0]).toBe(many[0]);
  });

  it('are shown on the document and taken off again', () => {
    const root = document.createElement('html');
    showPreferences({ 'reading-size': '18', hues: 'off', motion: 'full' }, root);
    expect({ ...root.dataset }).toEqual({ readingSize: '18', hues: 'off' });
    showPreferences({}, root);
    expect({ ...root.dataset }).toEqual({});
  });

  it('forget a default, and show what the store answered', async () => {
    const changes: unknown[] = [];
    let stored: Record<string, string> = { density: 'regular' };
    const preferences = new Preferences(
      () => stored,
      async (change) => {
        changes.push(change);
        return (stored = change.value === null ? {} : { [change.name]: change.value });
      },
    );
    expect(preferences.get('density')).toBe('regular');
    await preferences.set('density', 'compact');
    await preferences.set('hues', 'muted');
    expect(changes).toEqual([
      { name: 'density', value: null },
      { name: 'hues', value: 'muted' },
    ]);
    expect(document.documentElement.dataset.hues).toBe('muted');
    await preferences.set('hues', 'full');
    expect(document.documentElement.dataset.hues).toBeUndefined();
  });
});
