import type { Shelf, ShelfChange } from '$lib/ipc/bindings';
import { number } from './intl';
import { many } from './words';

const MONTHS = new Intl.DateTimeFormat('en-GB', { month: 'long' });

type Group =
  { kind: 'pinned' | 'today' | 'yesterday' | 'week' } | { kind: 'month'; month: number; year: number | null };

const chats = (count: number) => `${number(count)} ${many(count, 'chat', 'chats')}`;

/** What a change did, in one short sentence. */
const done: Record<ShelfChange, (what: string) => string> = {
  pin: (what) => `Pinned ${what}.`,
  unpin: (what) => `Unpinned ${what}.`,
  archive: (what) => `Archived ${what}.`,
  unarchive: (what) => `Moved ${what} back to the list.`,
  trash: (what) => `Deleted ${what}.`,
  restore: (what) => `Restored ${what}.`,
  purge: (what) => `Deleted ${what} for good.`,
};

/** The chat list, the archive and the trash. */
export const listEn = {
  label: 'Chats',
  newChat: 'New chat',
  comparison: 'Comparison',
  show: 'Show chats',
  hide: 'Hide chats',
  search: 'Search chats',
  filter: 'Find a chat by its title',
  empty: 'No chats yet',
  emptyHint: 'Ask something. The first message names the chat.',
  answering: 'Answering',
  rename: 'Rename',
  pin: 'Pin',
  unpin: 'Unpin',
  archiveIt: 'Archive',
  unarchive: 'Back to the list',
  remove: 'Delete',
  restore: 'Restore',
  purge: 'Delete for good',
  select: 'Select',
  more: (title: string) => `More for ${title}`,
  of: (action: string, title: string) => `${action} ${title}`,
  undo: 'Undo',
  renameField: 'Name of this chat',
  loadingMore: 'Loading older chats',
  failed: 'The list could not be read.',
  tryAgain: 'Try again',
  shelves: { list: 'Chats', archive: 'Archive', trash: 'Trash' } satisfies Record<Shelf, string>,
  back: 'Back to the chats',
  emptyShelf: {
    list: '',
    archive: 'Nothing is archived. A chat you archive leaves the list and can be opened here.',
    trash: 'The trash is empty. A chat you delete stays here until you delete it for good.',
  } satisfies Record<Shelf, string>,
  emptyTrash: 'Empty trash',
  trashHint: 'Restore a chat to open it.',
  selected: (count: number) => `${number(count)} selected`,
  selection: 'Selected chats',
  cancelSelection: 'Cancel selection (Esc)',
  isSelected: 'selected',
  done: (change: ShelfChange, titles: string[]) =>
    done[change](titles.length === 1 && titles[0] ? `“${titles[0]}”` : chats(titles.length)),
  renamed: (title: string) => `Renamed to “${title}”.`,
  purgeAsk: (count: number) => `Delete ${chats(count)} for good?`,
  purgeHint: (count: number) =>
    `${many(count, 'It is', 'They are')} removed from this computer with all messages and files. This cannot be undone. What was spent stays in the costs.`,
  purging: 'Deleting',
  group: (group: Group) => {
    if (group.kind !== 'month') {
      return { pinned: 'Pinned', today: 'Today', yesterday: 'Yesterday', week: 'Last 7 days' }[group.kind];
    }
    const name = MONTHS.format(new Date(2000, group.month, 15));
    return group.year === null ? name : `${name} ${group.year}`;
  },
};
