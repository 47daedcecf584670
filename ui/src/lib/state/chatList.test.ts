import { describe, expect, it } from 'vitest';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { ChatList } from './chatList.svelte';

async function open(query = 'scene=many') {
  const backend = fakeBackend(new URLSearchParams(query));
  const boot = await backend.bootstrap();
  return { backend, list: new ChatList(backend, boot.conversations) };
}

const ids = (rows: { id: string }[]) => rows.map((row) => row.id);
const ordered = (rows: { touched: number }[]) =>
  rows.every((row, at) => at === 0 || (rows[at - 1]?.touched ?? 0) >= row.touched);

describe('the chat list', () => {
  it('reads page by page to the end, each row once and in order', async () => {
    const { list } = await open();
    while (list.shelves.list.next !== null) await list.shelves.list.more();
    const { items } = list.shelves.list;
    expect(new Set(ids(items)).size).toBe(items.length);
    expect(items.length).toBe(415);
    expect(ordered(items)).toBe(true);
  });

  it('reads a page once, however many wait for it', async () => {
    const { backend, list } = await open();
    let go = () => {};
    let asked = 0;
    const real = backend.listConversations;
    backend.listConversations = async (shelf, before) => {
      asked += 1;
      await new Promise<void>((then) => (go = then));
      return real(shelf, before);
    };
    const rows = list.shelves.list;
    let waits = true;
    const both = Promise.all([rows.more(), rows.more().then(() => (waits = false))]);
    await Promise.resolve();
    expect([asked, waits, rows.loading]).toEqual([1, true, true]);
    go();
    await both;
    expect([rows.items.length, rows.loading]).toEqual([100, false]);
  });

  it('moves rows between the shelves and back', async () => {
    const { list } = await open('scene=chat');
    await list.shelves.archive.more();
    await list.shelves.trash.more();
    const before = ids(list.shelves.list.items);
    const some = before.slice(1, 4);
    const undoPin = await list.shelve(some, 'pin');
    expect(ids(list.pinned)).toEqual(some);
    await undoPin?.();
    expect(ids(list.shelves.list.items)).toEqual(before);
    expect(list.pinned).toEqual([]);
    const undoArchive = await list.shelve(some, 'archive');
    expect(ids(list.shelves.archive.items)).toEqual(some);
    await undoArchive?.();
    await list.shelve(some, 'trash');
    expect(ids(list.shelves.trash.items)).toEqual(some);
    expect(await list.shelve(some.slice(0, 1), 'purge')).toBeNull();
    expect(ids(list.shelves.trash.items)).toEqual(some.slice(1));
    await list.shelve(some.slice(1), 'restore');
    expect(ids(list.shelves.list.items)).toEqual(before.filter((id) => id !== some[0]));
  });

  it('unpins on undo only what it pinned', async () => {
    const { list } = await open('scene=chat');
    const [one, two] = ids(list.shelves.list.items);
    if (!one || !two) throw new Error('two rows');
    await list.shelve([one], 'pin');
    const undo = await list.shelve([one, two], 'pin');
    await undo?.();
    expect(ids(list.pinned)).toEqual([one]);
    expect(await list.shelve([one], 'pin')).toBeNull();
  });

  it('leaves a row below the last loaded page to its page', async () => {
    const { backend, list } = await open();
    const last = await backend.listConversations('list', list.shelves.list.next);
    const deep = last.items[10];
    if (!deep) throw new Error('a second page');
    list.put(deep);
    expect(list.find(deep.id)).toBeUndefined();
    await list.shelves.list.more();
    expect(list.find(deep.id)).toEqual(deep);
  });

  it('keeps the later word on a row', async () => {
    const { list } = await open('scene=chat');
    const first = list.shelves.list.items[0];
    if (!first) throw new Error('a row');
    list.put({ ...first, title: 'older', touched: first.touched - 1 });
    expect(list.find(first.id)?.title).toBe(first.title);
    list.setRunning(first.id, true);
    expect(list.find(first.id)?.running).toBe(true);
  });
});
