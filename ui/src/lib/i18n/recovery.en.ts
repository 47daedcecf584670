type Words = { title: string; text: string };

const damaged: Words = {
  title: 'The data file is damaged',
  text: 'Parlance stopped before writing anything, so nothing more is lost. Copy the folder, put a backup in its place, then try again.',
};

const foreign: Words = {
  title: 'The data file is not Parlance’s',
  text: 'Another program’s file lies where the chats should be. It has not been touched. Move it elsewhere, then try again.',
};

const unwritable: Words = {
  title: 'The data folder cannot be written',
  text: 'The disk may be full, or the folder may belong to someone else. Nothing was changed. Free some space or mend its permissions, then try again.',
};

const other: Words = {
  title: 'Parlance could not open your chats',
  text: 'Nothing was changed. Try again; if it stays, the words below say what was wrong.',
};

const causes: Record<string, Words> = {
  newer: {
    title: 'A newer Parlance wrote these chats',
    text: 'This version is too old to read them and has not touched them. Install the newer version to go on.',
  },
  foreign,
  not_a_database: foreign,
  corrupt: damaged,
  orphan: damaged,
  in_use: {
    title: 'Parlance is already open',
    text: 'Another window of Parlance holds the chats. Use that one, or close it and try again.',
  },
  unwritable,
  read_only: unwritable,
  disk_full: unwritable,
  folder: unwritable,
  backup: {
    title: 'The backup before the update failed',
    text: 'Parlance updates its data file only after a backup that was read back. Nothing was changed. Free some space, then try again.',
  },
  migration: {
    title: 'The data file could not be updated',
    text: 'It is as it was before. Install the version you had, or try again; the words below say what was wrong.',
  },
  bridge: {
    title: 'The window cannot reach the app',
    text: 'Your chats are untouched. Close Parlance and open it again.',
  },
};

/** Why the store did not open, by its code, with or without the prefix `store_`. */
export function recoveryWords(code: string): Words {
  const cause = code.replace(/^store_/, '');
  return Object.hasOwn(causes, cause) ? (causes[cause] ?? other) : other;
}
