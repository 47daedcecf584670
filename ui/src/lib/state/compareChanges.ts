import { tick } from 'svelte';
import { t } from '$lib/i18n/en';
import { format } from '$lib/i18n/format';
import type { ConversationKind, ConversationSummary, Settled } from '$lib/ipc/bindings';
import type { LiveRun } from '$lib/stream/reduce';
import type { App } from './app.svelte';
import { isBlind, letterOf, shownOrder } from './compare/blind';
import type { OpenCompare } from './compare/openCompare.svelte';

/** Whether a conversation is a comparison. Where its row is not loaded the store is asked. */
export async function isCompare(app: App, id: string, kind?: ConversationKind): Promise<boolean> {
  const known = kind ?? app.session?.list.find(id)?.kind;
  if (known) return known === 'compare';
  return app.backend.getCompare(id).then(
    () => true,
    () => false,
  );
}

/** Opens a comparison, at one of its messages where one is given. */
export async function openCompare(app: App, id: string, messageId: string | null = null): Promise<void> {
  const { session } = app;
  if (!session) return;
  app.show('compare');
  const compare = await session.compare.show(id);
  void session.compare.ready();
  const place = messageId === null ? null : compare.placeOf(messageId);
  if (!place || messageId === null) return;
  compare.lookAt(place.turn.id);
  if (place.answer) compare.chooseVersion(place.answer, messageId);
  session.compare.jumpTo = messageId;
}

/** The comparison that is not begun. */
export async function newCompare(app: App): Promise<void> {
  app.show('compare');
  await session(app)?.compare.begin();
  await tick();
  app.focusComposer();
}

/** Takes what stands in the chat's composer to a comparison; nothing is sent. */
export async function takeToCompare(app: App): Promise<void> {
  const from = session(app)?.chat.composer;
  if (!from) return;
  const { text, files } = from;
  await newCompare(app);
  const prompt = session(app)?.compare.open.prompt;
  if (!prompt) return;
  const attachments = files.flatMap(({ view }) => view ?? []);
  const before = prompt.draft;
  prompt.text = [before.text, text].filter(Boolean).join('\n\n');
  prompt.take(attachments);
  from.text = '';
  for (const file of files) from.detach(file.key);
}

const session = (app: App) => app.session;

/** Who writes an answer, as it may be said: by its letter where names are hidden. */
function nameOf(compare: OpenCompare, run: LiveRun): string {
  const place = compare.placeOf(run.message.id);
  const { turn, answer } = place ?? {};
  if (turn && answer && isBlind(turn)) {
    const order = shownOrder(
      turn,
      compare.lanes.flatMap(({ id }) => id ?? []),
    );
    const at = order.findIndex(({ laneId }) => laneId === answer.laneId);
    return at < 0 ? t.compare.merge.merged : t.compare.lane.letter(letterOf(at));
  }
  return run.message.attempts.at(-1)?.model ?? t.compare.lane.someone;
}

const watched = (app: App, conversationId: string): OpenCompare | null => {
  const open = app.session?.compare.open;
  return open?.id === conversationId ? open : null;
};

/** A prompt went out: its row, and the words for a screen reader. */
export function compareSent(app: App, compare: OpenCompare, summary: ConversationSummary): void {
  app.session?.list.put({ ...summary, running: app.runs.ofConversation(summary.id) !== undefined });
  if (app.session?.compare.open !== compare) return;
  const live = app.runs.allOf(summary.id).length;
  app.announcement = t.compare.said.asked(live);
  app.alarm = '';
}

/** An answer begins that this page may not know of: one that was going on when it was loaded. */
export function compareStarted(app: App, run: LiveRun): void {
  const open = watched(app, run.conversationId);
  if (!open) return;
  if (open.has(run.message.id)) open.follow(run.message);
  else if (!open.sending) void open.load(run.conversationId);
}

/** An answer ended. Only that is read out, once, by the name it may have. */
export function compareSettled(app: App, run: LiveRun, settled: Settled): void {
  const open = watched(app, run.conversationId);
  if (!open) return;
  open.settled(settled.summary, settled.spend);
  if (settled.replacedBy || app.screen !== 'compare') return;
  const place = open.placeOf(run.message.id);
  const hidden = place ? isBlind(place.turn) : false;
  const name = nameOf(open, run);
  const bad = settled.status === 'failed' || settled.status === 'interrupted';
  const words = hidden
    ? bad
      ? t.compare.said.failed
      : t.compare.said.ended
    : t.announce.done(settled, run.message, format);
  const said = t.compare.said.of(name, words);
  app.announcement = bad ? '' : said;
  app.alarm = bad ? said : '';
}
