import type { Format } from './format';
import { many } from './words';

const hits = (count: number, format: Format) => `${format.count(count)} ${many(count, 'hit', 'hits')}`;

/** Search. */
export const searchEn = {
  label: 'Search',
  field: 'Search all chats',
  placeholder: 'Search all chats: words, "phrases", -without',
  clear: 'Clear search',
  filters: 'Filters in use',
  removeFilter: (filter: string) => `Remove ${filter}`,
  add: 'Add',
  addFilter: (filter: string) => `Add the filter ${filter}`,
  sort: 'Sort',
  best: 'Best match',
  newest: 'Newest',
  results: 'Hits',
  count: (found: { hits: number; chatCount: number; exact: boolean; tookMs: number }, format: Format) => {
    const took = `${format.count(found.tookMs)} ms`;
    if (!found.exact) return `more than ${hits(found.hits, format)}, ${took}`;
    if (found.chatCount === 0) return `no hits, ${took}`;
    const chats = `${format.count(found.chatCount)} ${many(found.chatCount, 'chat', 'chats')}`;
    return found.hits === 0 ? `${chats}, ${took}` : `${hits(found.hits, format)} in ${chats}, ${took}`;
  },
  find: {
    label: 'Find in this chat',
    count: (at: number, count: number, more: boolean, format: Format) =>
      count === 0 ? 'not found' : `${format.count(at)} of ${format.count(count)}${more ? '+' : ''}`,
    previous: 'Previous place',
    next: 'Next place',
    close: 'Close',
  },
  searching: 'Searching',
  tooMany: 'Too many hits to rank, so the newest come first. Another word narrows them down.',
  indexing: (done: number, total: number, format: Format) =>
    `Older messages are still being read: ${format.count(done)} of ${format.count(total)}. They are found from then on.`,
  badge: (count: number, format: Format) => hits(count, format),
  inTitle: 'title',
  archived: 'archive',
  trashed: 'trash',
  you: 'You',
  noModel: 'Model unknown',
  noText: 'No text',
  failed: 'failed',
  cut: 'cut off',
  moreHits: (count: number, format: Format) =>
    `${format.count(count)} more ${many(count, 'hit', 'hits')} in this chat`,
  moreChats: 'Show more chats',
  loading: 'Loading',
  recent: 'Recent chats',
  nothingYet: 'No chats yet',
  nothingYetHint: 'What you ask and what is answered can be searched here, word by word.',
  none: 'Nothing found',
  noneHint: 'No message has all of these words. Try fewer, or only the beginning of one.',
  noneFilterHint: 'No message fits all of these filters.',
  culprit: (filter: string, count: number, exact: boolean, format: Format) =>
    `${filter} removed most: ${exact ? '' : 'more than '}${hits(count, format)} without it.`,
  drop: (filter: string) => `Drop ${filter}`,
  failedToSearch: 'The search failed.',
  again: 'Try again',
  preview: 'Preview',
  place: (at: number, of: number, format: Format) => `hit ${format.count(at)} of ${format.count(of)}`,
  up: 'Up',
  down: 'Down',
  open: 'Open here',
  openChat: 'Open',
  restore: 'Restore and open',
  enter: 'Enter',
  previewFailed: 'The message could not be read.',
  choose: 'Choose a hit to see it here.',
  pane: {
    label: 'Filters',
    title: 'Narrow down',
    show: 'Narrow down',
    hide: 'Hide filters',
    clear: 'Clear',
    author: 'Written by',
    contains: 'Contains',
    code: 'Code',
    image: 'Image',
    attachment: 'Attachment',
    when: 'When',
    week: 'Last 7 days',
    month: (name: string) => `Since 1 ${name}`,
    any: 'Any time',
    own: (filters: string) => `As typed: ${filters}`,
    more: 'Cost and outcome',
    dear: 'Above $0.10',
    failed: 'Failed or cut off',
    where: 'Where',
    archive: 'In the archive',
    trash: 'In the trash',
  },
};
