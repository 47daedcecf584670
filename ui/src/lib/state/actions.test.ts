import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { nextSize } from './actions.svelte';
import { App } from './app.svelte';

let app: App;

beforeEach(async () => {
  history.replaceState(null, '', '/');
  app = new App(fakeBackend(new URLSearchParams('scene=chat&theme=light')));
  await app.start();
});

function press(key: string, over: KeyboardEventInit = {}, on: HTMLElement = document.body): boolean {
  let done = false;
  const listen = (event: KeyboardEvent) => (done = app.actions.dispatch(event));
  window.addEventListener('keydown', listen);
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...over }));
  window.removeEventListener('keydown', listen);
  return done;
}

const ctrl = { ctrlKey: true };

describe('the map of actions', () => {
  test('every action has a name, its own id, and keys of its own', () => {
    const ids = app.actions.all.map((action) => action.id);
    expect(new Set(ids).size).toBe(ids.length);
    const keys = app.actions.all.flatMap((action) => action.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(app.actions.all.every((action) => action.name !== '')).toBe(true);
  });

  test('a press runs its action', () => {
    expect(press(',', ctrl)).toBe(true);
    expect(app.screen).toBe('settings');
    expect(press('3', ctrl)).toBe(true);
    expect(app.screen).toBe('providers');
    expect(press('j', ctrl)).toBe(false);
  });

  test('a plain key is left to the field', () => {
    const field = document.body.appendChild(document.createElement('textarea'));
    expect(press('?', {}, field)).toBe(false);
    expect(app.helpOpen).toBe(false);
    expect(press('?')).toBe(true);
    expect(app.helpOpen).toBe(true);
    field.remove();
  });

  test('what a feature offers is enabled as long as it offers it', () => {
    const next = vi.fn();
    const down = { altKey: true };
    expect(app.actions.byId('chat.nextTurn')?.exists()).toBe(false);
    expect(press('ArrowDown', down)).toBe(false);
    const take = app.hooks.offer('nextTurn', next);
    expect(press('ArrowDown', down)).toBe(true);
    expect(next).toHaveBeenCalledOnce();
    const again = vi.fn();
    const takeAgain = app.hooks.offer('nextTurn', again);
    take();
    expect(press('ArrowDown', down)).toBe(true);
    expect(again).toHaveBeenCalledOnce();
    takeAgain();
    expect(press('ArrowDown', down)).toBe(false);
    expect(app.actions.byId('chat.nextTurn')?.exists()).toBe(true);
  });

  test('holding keys down starts an action once, unless it is one to repeat', () => {
    const held = { ...ctrl, repeat: true };
    expect(press('k', held)).toBe(true);
    expect(app.palette).toBeNull();
    const next = vi.fn();
    app.hooks.offer('nextTurn', next);
    press('ArrowDown', { altKey: true, repeat: true });
    expect(next).toHaveBeenCalledOnce();
  });

  test('other keys are kept, and given back', async () => {
    await app.actions.bind('chat.new', ['Mod+J']);
    expect(app.actions.changed('chat.new')).toBe(true);
    expect(app.actions.hint('chat.new')).toBe(' (Ctrl+J)');
    expect(press('n', ctrl)).toBe(false);
    expect((await app.backend.bootstrap()).settings.preferences).toMatchObject({ 'key.chat.new': 'Mod+J' });
    await app.actions.bind('chat.new', null);
    expect(app.actions.changed('chat.new')).toBe(false);
    expect(app.actions.keysOf('chat.new')).toEqual(['Mod+N']);
  });

  test('what was started last stands first, each once, five at most', async () => {
    const started = ['view.chat', 'view.providers', 'theme.dark', 'view.chat', 'help.shortcuts', 'view.list'];
    for (const id of [...started, 'palette.open', 'provider.add', 'view.settings']) {
      await app.actions.start(id);
    }
    expect(app.actions.recent.map((action) => action.id)).toEqual([
      'view.settings',
      'provider.add',
      'help.shortcuts',
      'view.chat',
      'theme.dark',
    ]);
  });
});

test('sizes go from step to step and stop at the ends', () => {
  expect(nextSize(1, 1)).toBe(1.1);
  expect(nextSize(1, -1)).toBe(0.9);
  expect(nextSize(1.05, 1)).toBe(1.1);
  expect(nextSize(2, 1)).toBe(2);
  expect(nextSize(0.5, -1)).toBe(0.5);
});
