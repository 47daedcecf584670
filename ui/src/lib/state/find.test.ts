import { describe, expect, it } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import type { SearchHit, SearchInput, SearchView } from '$lib/ipc/bindings';
import { Find } from './find.svelte';

const hit = (messageId: string): SearchHit =>
  ({
    messageId,
    snippet: [
      { text: 'before ', hit: false },
      { text: 'Queue', hit: true },
    ],
  }) as SearchHit;

function finding(ids: string[], answers: (Partial<SearchView> | Error)[]) {
  const asked: SearchInput[] = [];
  const backend = {
    search: async (input: SearchInput) => {
      asked.push(input);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return { chats: [], exact: true, hits: 0, superseded: false, ...answer } as SearchView;
    },
  } as unknown as Backend;
  return { find: new Find(backend, () => ({ id: 'c1', ids })), asked };
}

const chats = (...ids: string[]) => [{ hits: ids.map(hit) }] as SearchView['chats'];

describe('finding in a chat', () => {
  it('lists the places of the branch from its beginning, and starts at the last', async () => {
    const { find, asked } = finding(['m1', 'm2', 'm3'], [{ chats: chats('m3', 'elsewhere', 'm1'), hits: 3 }]);
    await find.type('queue');
    expect(asked[0]).toMatchObject({ text: 'queue', conversationId: 'c1', order: 'newest', typing: true });
    expect(find.places.map(({ messageId }) => messageId)).toEqual(['m1', 'm3']);
    expect(find.current).toEqual({ messageId: 'm3', words: ['Queue'] });
    find.step(1);
    expect(find.current?.messageId).toBe('m1');
    find.step(-1);
    find.step(-1);
    expect(find.current?.messageId).toBe('m1');
    expect(find.more).toBe(false);
  });

  it('says that there are more than it lists', async () => {
    const { find } = finding(['m1'], [{ chats: chats('m1'), hits: 180 }]);
    await find.type('queue');
    expect(find.more).toBe(true);
  });

  it('asks nothing for no words, and says why it found nothing', async () => {
    const { find, asked } = finding(['m1'], [new Error('broken')]);
    await find.type('  ');
    expect(asked).toEqual([]);
    await find.type('qu');
    expect(find.error).not.toBeNull();
  });

  it('asks again where an older call overtook the newest and ended it', async () => {
    const { find, asked } = finding(
      ['m1', 'm2'],
      [{ superseded: true, chats: chats('m1') }, { chats: chats('m2') }],
    );
    await find.type('q');
    expect(find.places.map(({ messageId }) => messageId)).toEqual(['m2']);
    expect(asked.length).toBe(2);
  });
});
