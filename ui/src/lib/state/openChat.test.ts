import { describe, expect, it, vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import { toModel } from '$lib/targets';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { ComposerState } from './composer.svelte';
import { OpenChat } from './openChat.svelte';
import { Runs } from './runs.svelte';

const quiet = {
  started() {},
  settled() {},
  replaced() {},
  queued() {},
  rotated() {},
  lost() {},
  failed() {},
};

async function opened(scene: string, title: string) {
  const backend: Backend = fakeBackend(new URLSearchParams(`scene=${scene}&pace=1`));
  const { conversations } = await backend.bootstrap();
  const id = conversations.items.find((row) => row.title === title)?.id ?? '';
  const runs = new Runs(backend, quiet);
  await runs.attach();
  const surroundings = {
    backend,
    busy: () => false,
    deliver: async () => null,
    sent() {},
    returned() {},
    complain(thrown: unknown) {
      throw thrown;
    },
  };
  const composer = new ComposerState(surroundings, id);
  const chat = new OpenChat(backend, runs, toModel({ providerId: 'p-openai', model: 'gpt-5.4' }), composer);
  await chat.load(id);
  return { backend, chat, runs };
}

const ids = (chat: OpenChat) => chat.spine.map((stub) => stub.id);

describe('a chat of ten thousand messages', () => {
  it('has its end at once, fetches what is looked at and forgets what is far', async () => {
    const { backend, chat } = await opened('huge', 'Ten thousand messages');
    const asked = vi.spyOn(backend, 'getMessages');
    expect(chat.spine).toHaveLength(10_000);
    expect(chat.loaded).toBe(40);
    for (let from = 0; from < 3000; from += 60) {
      chat.see({ from, to: from + 8 });
      await vi.waitFor(() => {
        for (const { id } of chat.spine.slice(Math.max(0, from - 30), from + 38))
          expect(chat.message(id)?.id).toBe(id);
      });
    }
    for (const [batch] of asked.mock.calls) expect(batch.length).toBeLessThanOrEqual(40);
    expect(chat.loaded).toBeLessThanOrEqual(240);
    expect(chat.message(chat.spine.at(-1)?.id ?? '')).toBeDefined();
    expect(chat.message(chat.spine[0]?.id ?? '')).toBeUndefined();
  });

  it('says when messages cannot be fetched, and tries again when asked', async () => {
    const { backend, chat } = await opened('huge', 'Ten thousand messages');
    vi.spyOn(backend, 'getMessages').mockRejectedValueOnce(new Error('gone'));
    chat.see({ from: 0, to: 5 });
    await vi.waitFor(() => expect(chat.gap?.message).toContain('gone'));
    chat.seeAgain();
    await vi.waitFor(() => expect(chat.message(chat.spine[0]?.id ?? '')).toBeDefined());
    expect(chat.gap).toBeNull();
  });
});

describe('what is thought of an answer', () => {
  it('shows at once, is kept, and is taken back where it cannot be', async () => {
    const { backend, chat } = await opened('chat', 'Batching and tail latency');
    const id = chat.lastAnswer?.id ?? '';
    const kept = vi.spyOn(backend, 'setThumb');
    const done = chat.rate(id, 'up');
    expect(chat.lastAnswer?.thumb).toBe('up');
    await done;
    expect(kept).toHaveBeenCalledWith(id, 'up');
    await chat.load(chat.id ?? '');
    expect(chat.lastAnswer?.thumb).toBe('up');
    kept.mockRejectedValueOnce(new Error('no room'));
    await expect(chat.rate(id, 'down')).rejects.toThrow('no room');
    expect(chat.lastAnswer?.thumb).toBe('up');
    await chat.rate(id, null);
    expect(chat.lastAnswer?.thumb).toBeNull();
  });
});

describe('a rewritten message', () => {
  it('becomes a new version and takes the place of what followed', async () => {
    const { chat, runs } = await opened('chat', 'Batching and tail latency');
    const [first, ...later] = ids(chat);
    chat.rewrite(first ?? '');
    expect(chat.rewriting?.text).toContain('Why did p99 fall');
    if (chat.rewriting) chat.rewriting.text = 'Asked anew';
    expect(await chat.askRewritten()).not.toBeNull();
    expect(chat.rewriting).toBeNull();
    expect(chat.spine).toHaveLength(2);
    for (const old of later) expect(ids(chat)).not.toContain(old);
    const fresh = chat.message(ids(chat)[0] ?? '');
    expect(fresh?.versions).toEqual([first, fresh?.id]);
    await vi.waitFor(() => expect(runs.ofConversation(chat.id ?? '')).toBeUndefined());
    await chat.selectVersion(first ?? '');
    expect(ids(chat)).toEqual([first, ...later]);
  });

  it('is kept in its place without asking', async () => {
    const { chat } = await opened('chat', 'Batching and tail latency');
    const before = ids(chat);
    chat.rewrite(before[0] ?? '');
    if (chat.rewriting) chat.rewriting.text = '  Said better  ';
    await chat.saveRewritten();
    expect(ids(chat)).toEqual(before);
    expect(chat.message(before[0] ?? '')?.parts[0]?.text).toBe('Said better');
  });

  it('stays open with its words where it could not be sent', async () => {
    const { backend, chat } = await opened('chat', 'Batching and tail latency');
    chat.rewrite(ids(chat)[0] ?? '');
    vi.spyOn(backend, 'send').mockRejectedValueOnce(new Error('no'));
    expect(await chat.askRewritten()).toBeNull();
    expect(chat.rewriting?.text).toContain('Why did p99 fall');
    expect(chat.refusal).not.toBeNull();
  });
});

describe('deleting', () => {
  it('takes the answer along with its question, and an answer alone', async () => {
    const { chat } = await opened('chat', 'Batching and tail latency');
    const all = ids(chat);
    expect(chat.deletedWith(all[0] ?? '')).toEqual(all.slice(0, 2));
    expect(chat.deletedWith(all[1] ?? '')).toEqual([all[1]]);
    expect(chat.deletedWith('nothing')).toEqual([]);
  });
});
