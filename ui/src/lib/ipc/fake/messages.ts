import type { Backend } from '../backend';
import type { ConversationView, MessageView } from '../bindings';
import type { Folder } from './folder';
import { chat, fresh, type StoredChat } from './data';
import { refuse } from './refuse';

type Messages = Pick<Backend, 'getMessages' | 'editMessage' | 'deleteMessages' | 'branchOff'>;

export function fakeMessages(
  folder: () => Folder,
  view: (stored: StoredChat) => ConversationView,
  idle: (stored: StoredChat) => void,
  /** The chat that goes on from an answer of a comparison; absent where it is none. */
  fromLane: (messageId: string) => StoredChat | null,
): Messages {
  /** What was deleted of a chat, with the place each had. */
  const gone = new Map<string, { stored: StoredChat; message: MessageView; at: number }>();
  return {
    async getMessages(ids) {
      if (ids.length > 40) refuse('invalid', { field: 'ids', cause: 'too_many' });
      return structuredClone(ids.map((id) => folder().holding(id).message));
    },
    async editMessage(id, text) {
      const { message } = folder().holding(id);
      if (message.role !== 'user') refuse('invalid', { field: 'messageId', cause: 'not_a_prompt' });
      const first = message.parts.find(({ kind }) => kind === 'text');
      if (first) first.text = text;
      return structuredClone(message);
    },
    async deleteMessages(ids, deleted) {
      let touched: StoredChat | undefined;
      for (const id of deleted ? ids : [...ids].reverse()) {
        const known = gone.get(id);
        if (deleted) {
          const { stored, message } = folder().holding(id);
          idle(stored);
          const at = stored.messages.indexOf(message);
          stored.messages.splice(at, 1);
          gone.set(id, { stored, message, at });
          touched = stored;
        } else if (known) {
          known.stored.messages.splice(known.at, 0, known.message);
          gone.delete(id);
          touched = known.stored;
        }
      }
      return view(touched ?? refuse('not_found'));
    },
    async branchOff(messageId) {
      const lane = fromLane(messageId);
      if (lane) {
        folder().chats.push(lane);
        return view(lane);
      }
      const { stored, message } = folder().holding(messageId);
      const kept = stored.messages.slice(0, stored.messages.indexOf(message) + 1);
      const copies = structuredClone(kept).map((old) => {
        const id = fresh('m');
        return { ...old, id, versions: [id] };
      });
      const { title, mark, category } = stored.summary;
      const branch = chat(title, 0, mark, category, copies);
      branch.summary.touched = Date.now();
      folder().chats.push(branch);
      return view(branch);
    },
  };
}
