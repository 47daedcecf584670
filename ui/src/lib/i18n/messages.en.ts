import { number } from './intl';
import { many } from './words';

/** What stands under and over single messages. */
export const messagesEn = {
  actions: 'What can be done with this message',
  more: 'More for this answer',
  branch: 'Branch off here',
  branched: 'A new chat begins with the messages up to here.',
  back: 'Back',
  remove: 'Delete',
  deleted: (count: number) => (count === 1 ? 'Message deleted.' : `${count} messages deleted.`),
  undo: 'Undo',
  copy: 'Copy message',
  edit: 'Edit message',
  loading: 'This message is being fetched',
  gap: 'Some messages could not be fetched.',
  cached: (count: string) => `(${count} cached)`,
  cachedTitle: 'Read from the provider’s prompt cache',
  /** The model that answered, where it is another than the one asked for. */
  served: (model: string) => `served as ${model}`,
  wrote: (model: string, served: string | null) => (served ? `${model}, served as ${served}` : model),
  editor: {
    label: 'Edit your message',
    run: 'Save and run again',
    runKeys: 'Save and run again (Ctrl+Enter)',
    running: 'Sending',
    save: 'Save',
    saveTitle: 'Keeps your words without asking again',
    filesChanged: 'Files can only be left out when the message is run again',
    cancel: 'Cancel',
    busy: 'An answer is being written. Stop it first to run this again.',
    noModel: 'Choose a model first to run this again.',
    removeFile: (name: string) => `Leave out ${name}`,
  },
  files: {
    label: 'Attached files',
    open: (name: string) => `Show ${name} larger`,
    unread: 'This picture could not be read.',
    close: 'Close',
  },
  bar: {
    more: 'More for this chat',
    rename: 'Rename',
    pin: 'Pin',
    unpin: 'Unpin',
    archive: 'Archive',
    unarchive: 'Back to the list',
    remove: 'Delete',
    archived: (title: string) => `Archived “${title}”.`,
  },
  bytes: (value: number) => {
    if (value < 1000) return `${value} ${many(value, 'byte', 'bytes')}`;
    if (value < 999_500) return `${Math.max(1, Math.round(value / 1000))} KB`;
    return `${number(value / 1e6, { maximumFractionDigits: 1 })} MB`;
  },
};
