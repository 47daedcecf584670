import { t } from '$lib/i18n/en';
import type { ShelfChange } from '$lib/ipc/bindings';
import type { App } from './app.svelte';

/** Pins, archives, deletes or brings back chats, with an undo where there is one. */
export async function shelveChats(app: App, ids: string[], change: ShelfChange): Promise<void> {
  const { session } = app;
  if (!session) return;
  const titles = ids.map((id) => session.list.find(id)?.title || t.chat.untitled);
  const open = session.chat.id;
  const compare = session.compare.open;
  try {
    const back = await session.list.shelve(ids, change);
    if (open !== null && ids.includes(open)) session.chat.summary = session.list.find(open) ?? null;
    const closed = open !== null && ids.includes(open) && (change === 'trash' || change === 'archive');
    if (closed && session.chat.id === open) app.newChat();
    const away = compare.id !== null && ids.includes(compare.id);
    if (away) compare.summary = session.list.find(compare.id ?? '') ?? null;
    const left = away && (change === 'trash' || change === 'archive') && session.compare.open === compare;
    if (left) await session.compare.begin();
    const words = t.list.done(change, titles);
    if (!back) {
      if (change === 'purge') app.toasts.show(words);
      return;
    }
    app.undoable(words, async () => {
      await back();
      // A chat that was begun meanwhile stays open.
      if (closed && app.session === session && session.chat.id === null) await app.openChat(open);
      const { id } = compare;
      if (left && id !== null && app.screen === 'compare' && session.compare.open.id === null)
        await session.compare.show(id);
    });
  } catch (thrown) {
    app.complain(thrown);
  }
}

export async function renameChat(app: App, id: string, title: string): Promise<void> {
  const { session } = app;
  const wanted = title.trim();
  if (!session || wanted === '') return;
  const before = session.list.find(id)?.title ?? '';
  const rename = async (name: string) => {
    const row = await app.backend.renameConversation(id, name);
    session.list.put(row);
    if (session.chat.id === id) {
      session.chat.title = row.title;
      session.chat.summary = row;
    }
    const { open } = session.compare;
    if (open.id === id) Object.assign(open, { title: row.title, summary: row });
    return row.title;
  };
  try {
    const now = await rename(wanted);
    if (before === '' || before === now) return;
    app.undoable(t.list.renamed(now), async () => void (await rename(before)));
  } catch (thrown) {
    app.complain(thrown);
  }
}
