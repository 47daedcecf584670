import type { ConversationSummary, SpendView } from './bindings';

/** For tests: the row of a chat of which nothing is known but what is given. */
export const rowOf = (id: string, part: Partial<ConversationSummary> = {}): ConversationSummary => ({
  id,
  kind: 'chat',
  title: '',
  updatedAt: 0,
  touched: 0,
  mark: null,
  category: null,
  costNano: 0,
  running: false,
  pinned: false,
  shelf: 'list',
  ...part,
});

export const nothingSpent: SpendView = { totalNano: 0, estimatedNano: 0, unknown: 0, entries: 0 };
