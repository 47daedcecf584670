import type { Backend } from '../backend';
import type { ConversationSummary, ShelfChange } from '../bindings';
import type { Folder } from './folder';
import { refuse } from './refuse';

function change(row: ConversationSummary, what: ShelfChange): void {
  if (what === 'pin' || what === 'unpin') row.pinned = what === 'pin';
  else if (what === 'archive') row.shelf = 'archive';
  else if (what === 'trash') row.shelf = 'trash';
  else row.shelf = 'list';
}

export function fakeShelves(folder: () => Folder): Pick<Backend, 'shelve'> {
  return {
    async shelve(ids, what) {
      const chats = ids.map(
        (id) => folder().chats.find(({ summary }) => summary.id === id) ?? refuse('not_found'),
      );
      if (what === 'purge') {
        folder().chats = folder().chats.filter((stored) => !chats.includes(stored));
        return [];
      }
      for (const { summary } of chats) change(summary, what);
      return structuredClone(chats.map(({ summary }) => summary));
    },
  };
}
