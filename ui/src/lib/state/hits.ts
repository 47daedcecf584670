import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { SearchHit } from '$lib/ipc/bindings';
import type { App } from './app.svelte';

/** A place a search found, for the palette. */
export type Hit = {
  id: string;
  text: string;
  /** Where the words stand in the text, as pairs of beginning and end. */
  marks: [number, number][];
  /** Who wrote it, and when. */
  note: string;
  run: () => void;
};

/** As many as leave room for the actions. */
const MOST = 4;

function hitOf(app: App, chatId: string, trashed: boolean, hit: SearchHit): Hit {
  let text = '';
  const marks: [number, number][] = [];
  for (const piece of hit.snippet) {
    if (piece.hit) marks.push([text.length, text.length + piece.text.length]);
    text += piece.text;
  }
  return {
    id: hit.messageId,
    text,
    marks,
    note: `${hit.model ?? t.chat.you}, ${format.date(hit.at)}`,
    run: () => void app.openHit(chatId, hit.messageId, trashed),
  };
}

/** Messages that hold the words, the best first, few of them. */
export async function findMessages(app: App, text: string): Promise<Hit[]> {
  const view = await app.backend.search({
    text,
    order: 'best',
    typing: true,
    conversationId: null,
    skip: 0,
  });
  return view.chats
    .flatMap((chat) => chat.hits.map((hit) => hitOf(app, chat.id, chat.trashed, hit)))
    .slice(0, MOST);
}
