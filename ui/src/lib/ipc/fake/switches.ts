import type { RouteView, SwitchEnd, SwitchView } from '../bindings';
import { failure } from './checks';
import type { Folder } from './folder';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const overloaded = failure('overloaded', 529, 'overloaded_error', 'Overloaded');

/** Who failed and how, over and over: enough for several pages. */
const script: [ago: number, from: number, to: number, part: Partial<SwitchView>][] = [
  [2 * MINUTE, 0, 1, { failure: overloaded, tries: 2, lostMs: 4100 }],
  [35 * MINUTE, 0, 1, { failure: overloaded, tries: 2, lostMs: 3900 }],
  [
    3 * HOUR,
    1,
    2,
    { failure: failure('timeout', null, 'first_event_timeout', 'no first event'), tries: 1, lostMs: 31_200 },
  ],
  [
    DAY + HOUR,
    0,
    2,
    { failure: failure('context_too_long', 400, 'too_long', 'prompt is too long'), tries: 1, lostMs: 600 },
  ],
  [2 * DAY, 0, 1, { skip: 'resting', tries: 0, lostMs: 0 }],
  [3 * DAY, 1, 2, { skip: 'overBudget', tries: 0, lostMs: 0 }],
];
const TIMES = 8;

export function switchesOf(route: RouteView, folder: Folder): SwitchView[] {
  const ends = route.targets.flatMap(({ target }): SwitchEnd[] => {
    const provider = folder.providers.find(({ id }) => id === target.providerId);
    if (!provider) return [];
    const { id, name, mark, category } = provider;
    return [{ providerId: id, providerName: name, mark, category, model: target.model }];
  });
  if (ends.length < 3) return [];
  const [stored] = folder.chats;
  const answer = stored?.messages.find((message) => message.role === 'assistant');
  return Array.from({ length: TIMES }, (_, round) =>
    script.map(([ago, from, to, part], at): SwitchView => ({
      at: Date.now() - ago - round * 7 * DAY,
      // What happened long ago may be in a chat that is deleted since.
      conversationId: round === 0 && at < 4 ? (stored?.summary.id ?? null) : null,
      messageId: round === 0 && at < 4 ? (answer?.id ?? null) : null,
      trashed: round === 0 && at < 4 && stored?.summary.shelf === 'trash',
      from: ends[from] as SwitchEnd,
      to: ends[to] as SwitchEnd,
      failure: null,
      skip: null,
      tries: 1,
      lostMs: 0,
      ...part,
    })),
  ).flat();
}
