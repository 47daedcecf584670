import { t } from '$lib/i18n/en';
import type { ShelfChange } from '$lib/ipc/bindings';
import type { App } from './app.svelte';

/** Pins, archives, deletes or brings back chats, with an undo where there is one. */
export async function shelveChats(app: App, ids: string[], change: ShelfChange): Promise<void> {
  const { session } = app;
  if (!session) return;
  const titles = ids.map((id) => session.list.find(id)?.title || t.chat.untitled);
  const open = session.chat.id;
  try {
    const back = await session.list.shelve(ids, change);
    if (open !== null && ids.includes(open)) session.chat.summary = session.list.find(open) ?? null;
    const closed = open !== null && ids.includes(open) && (change === 'trash' || change === 'archive');
    if (closed && session.chat.id === open) app.newChat();
    const words = t.list.done(change, titles);
    if (!back) {
      if (change === 'purge') app.toasts.show(words);
      return;
    }
    app.undoable(words, async () => {
      await back();
      // A chat that was begun meanwhile stays open.
      if (closed && app.session === session && session.chat.id === null) await app.openChat(open);
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
