import type { Mark } from '$lib/ipc/bindings';
import type { Chord } from '$lib/keys/shortcuts';
import type { Hit } from '$lib/state/hits';
import type { IconName } from '$lib/ui/icons';
import { match, type Marks } from './rank';

export type GroupName =
  'recent' | 'recentChats' | 'chats' | 'messages' | 'actions' | 'models' | 'providers' | 'settings' | 'help';

/** Something the palette can do or lead to. */
export type Entry = {
  id: string;
  text: string;
  /** Other words it is found by. */
  keywords?: string;
  note?: string;
  icon?: IconName;
  tile?: { mark: Mark; category: string };
  keys?: readonly Chord[];
  /** The action it starts, if it is one. */
  action?: string;
  /** Puts this into the field instead of closing. */
  leadsTo?: string;
  run?: () => void | Promise<void>;
};

export type Sources = {
  recent: readonly Entry[];
  actions: readonly Entry[];
  chats: readonly Entry[];
  models: readonly Entry[];
  providers: readonly Entry[];
  settings: readonly Entry[];
  help: readonly Entry[];
};

export type Line = Entry & { group: GroupName; marks: Marks };
export type Section = { group: GroupName; lines: Line[] };

export const MOST = 12;
const RECENT = 5;
const RECENT_CHATS = 4;
const MESSAGES = 4;

export type Mode = 'all' | 'actions' | 'models' | 'help';

/** What is looked for, and among what: a sign before the words narrows it. */
export function modeOf(typed: string): { mode: Mode; query: string } {
  const modes: Record<string, Mode> = { '>': 'actions', '@': 'models', '?': 'help' };
  const text = typed.trimStart();
  const mode = modes[text.charAt(0)];
  return mode ? { mode, query: text.slice(1).trim() } : { mode: 'all', query: text.trim() };
}

type Scored = { line: Line; score: number };

function found(group: GroupName, entries: readonly Entry[], query: string): Scored[] {
  return entries.flatMap((entry) => {
    const hit = match(query, entry.text, entry.keywords);
    return hit ? [{ line: { ...entry, group, marks: hit.marks }, score: hit.score }] : [];
  });
}

const still = (group: GroupName, entries: readonly Entry[], most: number): Section => ({
  group,
  lines: entries.slice(0, most).map((entry) => ({ ...entry, group, marks: [] })),
});

function grouped(scored: readonly Scored[]): Section[] {
  const sections: Section[] = [];
  for (const { line } of scored) {
    const known = sections.find((section) => section.group === line.group);
    if (known) known.lines.push(line);
    else sections.push({ group: line.group, lines: [line] });
  }
  return sections;
}

/** Of equally good ones, what stands first in the list of sources. */
const byScore = (all: Scored[]) => all.sort((a, b) => b.score - a.score);

function nothingTyped({ recent, actions, chats }: Sources): Section[] {
  const late = still('recent', recent, RECENT);
  const open = still('recentChats', chats, RECENT_CHATS);
  const shown = new Set(late.lines.map((line) => line.id));
  const rest = actions.filter((entry) => !shown.has(entry.id));
  const fill = still('actions', rest, MOST - late.lines.length - open.lines.length);
  return [late, open, fill].filter((section) => section.lines.length > 0);
}

function messages(hits: readonly Hit[]): Section {
  const lines = hits.slice(0, MESSAGES).map((hit): Line => ({
    id: hit.id,
    text: hit.text,
    note: hit.note,
    icon: 'search',
    group: 'messages',
    marks: hit.marks,
    run: hit.run,
  }));
  return { group: 'messages', lines };
}

/** What the palette shows for what is typed: the best first, never more than a dozen. */
export function resultsFor(typed: string, sources: Sources, hits: readonly Hit[] = []): Section[] {
  const { mode, query } = modeOf(typed);
  if (mode === 'help') return [still('help', sources.help, MOST)];
  if (mode !== 'all') {
    const all = byScore(found(mode, sources[mode], query));
    return grouped(all.slice(0, MOST));
  }
  if (query === '') return nothingTyped(sources);
  const said = messages(hits);
  const scored = byScore([
    ...found('chats', sources.chats, query),
    ...found('actions', sources.actions, query),
    ...found('models', sources.models, query),
    ...found('providers', sources.providers, query),
    ...found('settings', sources.settings, query),
  ]);
  const sections = grouped(scored.slice(0, MOST - said.lines.length));
  if (said.lines.length === 0) return sections;
  // They come late; what Enter would take must not change under the finger.
  const at = Math.max(1, sections.findIndex((section) => section.group === 'chats') + 1);
  return [...sections.slice(0, at), said, ...sections.slice(at)];
}
