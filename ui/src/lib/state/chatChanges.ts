import { t } from '$lib/i18n/en';
import type { ShelfChange } from '$lib/ipc/bindings';
import type { App } from './app.svelte';

/** Where the window keeps what can be undone, if it keeps it. */
type Undoable = { undo?: { push(label: string, run: () => Promise<void> | void): void } };

/** The offer of each window that is on the screen: the next takes its place. */
const offers = new WeakMap<App, number>();

/** Says what was done, with the way back, which is gone once. */
function offerUndo(app: App, words: string, back: () => Promise<void>): void {
  app.toasts.close(offers.get(app) ?? 0);
  let over = false;
  const run = async () => {
    if (over) return;
    over = true;
    app.toasts.close(toast);
    try {
      await back();
    } catch (thrown) {
      app.complain(thrown);
    }
  };
  const toast = app.toasts.show(words, { action: { label: t.list.undo, run: () => void run() } });
  offers.set(app, toast);
  (app as App & Undoable).undo?.push(words, run);
}

/** Pins, archives, deletes or brings back chats, with an undo where there is one. */
export async function shelveChats(app: App, ids: string[], change: ShelfChange): Promise<void> {
  const { session } = app;
  if (!session) return;
  const titles = ids.map((id) => session.list.find(id)?.title || t.chat.untitled);
  const open = session.chat.id;
  try {
    const back = await session.list.shelve(ids, change);
    const closed = open !== null && ids.includes(open) && (change === 'trash' || change === 'archive');
    if (closed && session.chat.id === open) app.newChat();
    const words = t.list.done(change, titles);
    if (!back) {
      if (change === 'purge') app.toasts.show(words);
      return;
    }
    offerUndo(app, words, async () => {
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
    if (session.chat.id === id) session.chat.title = row.title;
    return row.title;
  };
  try {
    const now = await rename(wanted);
    if (before === '' || before === now) return;
    offerUndo(app, t.list.renamed(now), async () => void (await rename(before)));
  } catch (thrown) {
    app.complain(thrown);
  }
}
