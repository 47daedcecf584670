import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Around, emptyDraft, settle } from './composer/around';
import { Composers } from './composers.svelte';

let around: Around;

beforeEach(() => {
  vi.useFakeTimers();
  around = new Around();
});
afterEach(() => vi.useRealTimers());

describe('the composers of a folder', () => {
  const all = () => new Composers(around, { ...emptyDraft, text: 'begun' });

  it('begin with the draft of the store, and clear it once it is a chat', async () => {
    const composers = all();
    const fresh = composers.forNew();
    expect(fresh.text).toBe('begun');
    fresh.submit();
    await settle();
    expect(composers.of('c')).toBe(fresh);
    expect(composers.forNew()).not.toBe(fresh);
    expect(around.saved).toContainEqual([null, emptyDraft]);
    expect(composers.lately).toEqual(['begun']);
  });

  it('give a first message back that did not go out while another chat was begun', async () => {
    const composers = all();
    around.slow = true;
    composers.forNew().submit();
    const next = composers.forNew();
    next.text = 'another';
    await around.answer(false);
    expect(composers.forNew()).toBe(next);
    expect(next.text).toBe('begun\n\nanother');
  });

  it('remember a chat that has something in it, and its line goes out behind another', async () => {
    const composers = all();
    const chat = composers.of('c');
    chat.text = 'x';
    composers.leave(chat);
    expect(composers.of('c')).toBe(chat);
    around.running = true;
    chat.submit();
    composers.leave(chat);
    around.running = false;
    composers.settled('c', 'complete');
    await settle();
    expect(around.delivered.map(({ text }) => text)).toEqual(['x']);
  });

  it('write nothing and send nothing once another folder is open', async () => {
    const composers = all();
    const chat = composers.of('c');
    chat.text = 'x';
    composers.close();
    await vi.advanceTimersByTimeAsync(5000);
    chat.submit();
    await settle();
    expect([around.saved, around.delivered]).toEqual([[], []]);
  });
});
