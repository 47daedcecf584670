import type { Backend } from '../backend';
import type {
  MessageView,
  SearchChat,
  SearchHit,
  SearchInput,
  SearchPiece,
  SearchProvider,
  SearchView,
} from '../bindings';
import type { StoredChat } from './data';
import { refuse } from './refuse';

const TOKEN = /(-?)([a-z]+):("[^"]*"|\S+)|(-?)"([^"]*)"|\S+/gi;
const MOST = 1000;

type Folder = { chats: StoredChat[] };
type Test = (message: MessageView, text: string) => boolean;
type Asked = { filters: { typed: string; test: Test }[]; words: string[]; without: string[]; trash: boolean };

const textOf = (message: MessageView) =>
  message.parts
    .filter((part) => part.kind === 'text' || part.kind === 'refusal')
    .map((part) => part.text)
    .join('\n\n');

const nano = (message: MessageView) =>
  message.attempts.reduce((sum, attempt) => sum + (attempt.cost?.totalNano ?? 0), 0);

function testOf(operator: string, value: string): Test | null {
  const wanted = value.toLowerCase();
  const amount = Number(/[\d.]+/.exec(value)?.[0] ?? 0) * 1e9;
  const tests: Record<string, Test | undefined> = {
    'from:you': (message) => message.role === 'user',
    'from:model': (message) => message.role === 'assistant',
    'has:code': (_, text) => text.includes('```'),
    'has:image': (message) => message.parts.some((part) => part.kind === 'media'),
    'has:attachment': (message) => message.parts.some((part) => part.kind === 'media'),
    'is:failed': (message) => message.status !== 'complete' && message.status !== 'streaming',
    'in:archive': () => false,
    'in:trash': () => true,
    model: (message) => message.attempts.some((attempt) => attempt.model.toLowerCase().includes(wanted)),
    provider: (message) =>
      message.attempts.some((attempt) => attempt.providerName.toLowerCase().startsWith(wanted)),
    before: (message) => message.createdAt < Date.parse(`${value}T00:00`),
    after: (message) => message.createdAt >= Date.parse(`${value}T00:00`),
    cost: (message) => (value.startsWith('<') ? nano(message) < amount : nano(message) > amount),
  };
  return tests[`${operator}:${wanted}`] ?? tests[operator] ?? null;
}

function read(text: string): Asked {
  const asked: Asked = { filters: [], words: [], without: [], trash: false };
  for (const [token, minus, operator, value, dash, phrase] of text.matchAll(TOKEN)) {
    const plain = (value ?? '').replaceAll('"', '');
    const test = operator ? testOf(operator.toLowerCase(), plain) : null;
    if (test) {
      if (token === 'in:trash') asked.trash = true;
      const not: Test = (message, all) => !test(message, all);
      asked.filters.push({ typed: token, test: minus && operator !== 'in' ? not : test });
    } else if (phrase !== undefined) (dash ? asked.without : asked.words).push(phrase.toLowerCase());
    else if (token.startsWith('-') && token.length > 1) asked.without.push(token.slice(1).toLowerCase());
    else asked.words.push(token.toLowerCase());
  }
  return asked;
}

/** Marks words in a text and cuts a piece around the first. */
function piecesOf(text: string, words: string[], width = Infinity): SearchPiece[] {
  const low = text.toLowerCase();
  const first = Math.min(...words.map((word) => low.indexOf(word)).filter((at) => at >= 0), text.length);
  const from = width === Infinity || first < 60 || first === text.length ? 0 : first - 50;
  const piece = text.slice(from, width === Infinity ? undefined : from + width).replace(/\s+/g, ' ');
  const pieces: SearchPiece[] = from > 0 ? [{ text: '…', hit: false }] : [];
  let rest = piece;
  while (rest !== '') {
    const places = words.map((word) => ({ at: rest.toLowerCase().indexOf(word), length: word.length }));
    const next = places.filter(({ at, length }) => at >= 0 && length > 0).sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    if (next.at > 0) pieces.push({ text: rest.slice(0, next.at), hit: false });
    pieces.push({ text: rest.slice(next.at, next.at + next.length), hit: true });
    rest = rest.slice(next.at + next.length);
  }
  return rest === '' ? pieces : [...pieces, { text: rest, hit: false }];
}

function hitOf(message: MessageView, words: string[]): SearchHit {
  const last = message.attempts.at(-1);
  return {
    messageId: message.id,
    role: message.role,
    status: message.status,
    at: message.createdAt,
    model: last?.model ?? null,
    provider: last?.providerName ?? null,
    mark: last?.mark ?? null,
    category: last?.category ?? null,
    snippet: piecesOf(textOf(message), words, 200),
  };
}

function found(folder: Folder, asked: Asked): { stored: StoredChat; messages: MessageView[] }[] {
  const fits = (message: MessageView) => {
    const text = textOf(message);
    const low = text.toLowerCase();
    return (
      message.status !== 'streaming' &&
      asked.words.every((word) => low.includes(word)) &&
      asked.without.every((word) => !low.includes(word)) &&
      asked.filters.every(({ test }) => test(message, text))
    );
  };
  return folder.chats
    .filter((stored) => (stored.summary.shelf === 'trash') === asked.trash)
    .map((stored) => ({ stored, messages: stored.messages.filter(fits) }))
    .filter(({ stored, messages }) => {
      const title = stored.summary.title.toLowerCase();
      const named = asked.words.length > 0 && asked.words.every((word) => title.includes(word));
      return messages.length > 0 || (named && asked.filters.length === 0);
    });
}

function facetsOf(messages: MessageView[]): SearchView['facets'] {
  const providers = new Map<string, SearchProvider>();
  for (const attempt of messages.flatMap((message) => message.attempts.slice(-1))) {
    const { providerName: name, mark, category } = attempt;
    providers.set(name, { name, mark, category, count: (providers.get(name)?.count ?? 0) + 1 });
  }
  const count = (filter: string) => {
    const test = testOf(...(filter.split(':') as [string, string]));
    return messages.filter((message) => test?.(message, textOf(message))).length;
  };
  return {
    you: count('from:you'),
    providers: [...providers.values()].sort((a, b) => b.count - a.count),
    code: count('has:code'),
    image: count('has:image'),
    attachment: count('has:attachment'),
    failed: count('is:failed'),
  };
}

/** Searches the chats of a folder as the real search does, by plain comparison. `?search=` makes it slow or fail. */
export function fakeSearch(
  query: URLSearchParams,
  folder: () => Folder,
): Pick<Backend, 'search' | 'previewMessage'> {
  const manner = query.get('search');
  let latest = 0;
  return {
    async search({ text, order, conversationId, skip }: SearchInput) {
      const mine = ++latest;
      if (manner === 'slow') await new Promise((done) => setTimeout(done, 600));
      if (manner === 'fail') refuse('corrupt', { message: 'the store is damaged' });
      const asked = read(text);
      const groups = found(folder(), asked).filter(
        ({ stored }) => conversationId === null || stored.summary.id === conversationId,
      );
      const newest = (group: (typeof groups)[number]) =>
        group.messages.at(-1)?.createdAt ?? group.stored.summary.updatedAt;
      groups.sort((a, b) =>
        order === 'newest' ? newest(b) - newest(a) : b.messages.length - a.messages.length,
      );
      const messages = groups.flatMap((group) => group.messages);
      const shown = conversationId === null ? 4 : 100;
      const chats = groups.slice(skip, skip + 20).map(({ stored, messages: hits }): SearchChat => ({
        id: stored.summary.id,
        kind: stored.summary.kind,
        title: piecesOf(stored.summary.title, asked.words),
        updatedAt: stored.summary.updatedAt,
        archived: stored.summary.shelf === 'archive',
        trashed: stored.summary.shelf === 'trash',
        hitCount: hits.length,
        hits: hits.slice(0, shown).map((message) => hitOf(message, asked.words)),
      }));
      const culprits = asked.filters.map(({ typed, test }) => {
        const without = { ...asked, filters: asked.filters.filter((filter) => filter.test !== test) };
        const all = found(folder(), typed === 'in:trash' ? { ...without, trash: false } : without);
        return { filter: typed, hits: all.flatMap((group) => group.messages).length, exact: true };
      });
      const worst = culprits.sort((a, b) => b.hits - a.hits)[0];
      const exact = manner !== 'many';
      return {
        chats,
        more: groups.length > skip + 20,
        hits: exact ? messages.length : MOST,
        chatCount: groups.length,
        exact,
        ranked: exact && order === 'best',
        tookMs: 12,
        filters: asked.filters.map(({ typed }) => typed),
        facets: exact ? facetsOf(messages) : null,
        culprit: groups.length === 0 && worst && worst.hits > 0 ? worst : null,
        indexing: manner === 'indexing' ? { done: 12_400, total: 41_000 } : null,
        superseded: mine !== latest,
      };
    },
    async previewMessage(messageId) {
      for (const { messages } of folder().chats) {
        const at = messages.findIndex((message) => message.id === messageId);
        const message = messages[at];
        if (!message) continue;
        const pair =
          message.role === 'user' ? messages.slice(at, at + 2) : messages.slice(Math.max(0, at - 1), at + 1);
        return structuredClone(pair);
      }
      return refuse('not_found');
    },
  };
}
