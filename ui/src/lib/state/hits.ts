import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { SearchChat, SearchHit } from '$lib/ipc/bindings';
import { ask } from '$lib/search/ask';
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

/** Characters of a line that leave room for who said it; of these, before the first place. */
const WIDTH = 48;
const LEAD = 20;

type Line = { text: string; marks: [number, number][] };

/** Never between the two halves of one character. */
const whole = (text: string, at: number) => (/[\uDC00-\uDFFF]/.test(text.charAt(at)) ? at - 1 : at);

/** The piece of a text around its first place. */
export function around({ text, marks }: Line): Line {
  if (text.length <= WIDTH) return { text, marks };
  const place = marks[0]?.[0] ?? 0;
  const near = Math.max(0, Math.min(place - LEAD, text.length - WIDTH));
  const gap = near === 0 ? -1 : text.indexOf(' ', near);
  const from = whole(text, near === 0 ? 0 : gap >= 0 && gap < place ? gap + 1 : near);
  const cut = text.slice(from, whole(text, from + WIDTH)).trimEnd();
  const front = from > 0 && !cut.startsWith('…') ? '…' : '';
  const tail = from + WIDTH < text.length ? '…' : '';
  const inside = marks
    .map(([start, end]): [number, number] => [start - from, Math.min(end - from, cut.length)])
    .filter(([start, end]) => start >= 0 && start < end)
    .map(([start, end]): [number, number] => [start + front.length, end + front.length]);
  return { text: front + cut + tail, marks: inside };
}

function hitOf(app: App, { id, kind, trashed }: SearchChat, hit: SearchHit): Hit {
  let text = '';
  const marks: [number, number][] = [];
  for (const piece of hit.snippet) {
    if (piece.hit) marks.push([text.length, text.length + piece.text.length]);
    text += piece.text;
  }
  return {
    id: hit.messageId,
    ...around({ text, marks }),
    note: `${hit.model ?? t.chat.you}, ${format.date(hit.at)}`,
    run: () => void app.openHit(id, hit.messageId, trashed, kind),
  };
}

/** Messages that hold the words, the best first, few of them. */
export async function findMessages(app: App, text: string): Promise<Hit[]> {
  const view = await ask(app.backend, { text, order: 'best', typing: true, conversationId: null, skip: 0 });
  return (view?.chats ?? []).flatMap((chat) => chat.hits.map((hit) => hitOf(app, chat, hit))).slice(0, MOST);
}
