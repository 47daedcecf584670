import { many } from './words';

/** The command palette. */
export const paletteEn = {
  label: 'Command palette',
  field: 'Search chats, actions and models',
  fields: {
    all: 'Search chats, actions and models',
    actions: 'Search actions',
    models: 'Search models',
    help: 'What the palette can do',
  },
  results: 'Results',
  groups: {
    recent: 'Recent actions',
    actions: 'Actions',
    chats: 'Chats',
    recentChats: 'Recent chats',
    messages: 'Messages',
    models: 'Models',
    providers: 'Providers',
    settings: 'Settings',
    help: 'Help',
  },
  found: (count: number) => (count === 0 ? 'Nothing found' : `${count} ${many(count, 'result', 'results')}`),
  none: (query: string) => `Nothing matches “${query}”.`,
  searching: 'Searching messages',
  failed: 'The messages could not be searched.',
  untitled: 'New chat',
  useModel: 'Use a model',
  use: (model: string) => `Use ${model}`,
  inSettings: 'Settings',
  off: 'switched off',
  close: 'Esc',
  prefixes: [
    ['>', 'actions'],
    ['@', 'models'],
    ['?', 'help'],
  ] as const,
  helpRows: {
    '>': ['Actions only', 'Type > first'],
    '@': ['Models only', 'Type @ first'],
    '?': ['This help', 'Type ? first'],
  } as const,
  change: 'change shortcut',
};
