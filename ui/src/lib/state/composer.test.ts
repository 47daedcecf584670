import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EstimateView } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { Around, emptyDraft, settle } from './composer/around';
import { ComposerState } from './composer.svelte';
import { emptySetup } from './composer/setup';

const error = (code: string, cause: string | null = null) =>
  new BackendError({ code, category: null, message: code, field: null, status: null, cause });

let around: Around;
let composer: ComposerState;

beforeEach(() => {
  vi.useFakeTimers();
  around = new Around();
  composer = new ComposerState(around, 'c');
});
afterEach(() => vi.useRealTimers());

async function say(text: string) {
  composer.text = text;
  composer.submit();
  await settle();
}

async function end(status: 'complete' | 'failed' | 'cancelled' | 'interrupted' = 'complete') {
  around.running = false;
  composer.settled(status);
  await settle();
}

const texts = () => around.delivered.map(({ text }) => text);
const line = () => composer.queue.map(({ text }) => text);

describe('drafts', () => {
  it('are written once the typing pauses, and only the last of them', async () => {
    for (const text of ['H', 'He', 'Hel']) {
      composer.text = text;
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(around.saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(around.saved).toEqual([['c', { ...emptyDraft, text: 'Hel' }]]);
  });

  it('are written at once when the chat is left', async () => {
    composer.text = 'half a';
    await composer.flush();
    expect(around.saved).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(around.saved).toHaveLength(1);
  });

  it('come back with what waits in line, which waits for a word', async () => {
    composer.restore({ text: 'a', attachments: [], queued: [{ text: 'b', attachments: [] }] }, null);
    await settle();
    expect([composer.text, line(), composer.paused]).toEqual(['a', ['b'], 'waiting']);
    expect(texts()).toEqual([]);
    composer.goOn();
    await settle();
    expect(texts()).toEqual(['b']);
  });

  it('stand before what was typed while the chat was opening, and come once', () => {
    composer.text = 'new';
    composer.restore({ ...emptyDraft, text: 'old' }, null);
    composer.restore({ ...emptyDraft, text: 'old' }, null);
    expect(composer.text).toBe('old\n\nnew');
  });

  it('do not write over what is being sent, and are empty after it', async () => {
    around.slow = true;
    composer.text = 'on its way';
    composer.submit();
    composer.text = 'next';
    await vi.advanceTimersByTimeAsync(5000);
    expect(around.saved).toEqual([]);
    await around.answer(true);
    expect(around.saved).toEqual([['c', { ...emptyDraft, text: 'next' }]]);
  });

  it('that cannot be written are complained about once, and written with the next change', async () => {
    around.saveDraft.mockRejectedValueOnce(error('disk_full')).mockRejectedValueOnce(error('disk_full'));
    for (const text of ['a', 'b', 'c']) {
      composer.text = text;
      await vi.advanceTimersByTimeAsync(500);
    }
    expect(around.complain).toHaveBeenCalledTimes(1);
    expect(around.saved).toEqual([['c', { ...emptyDraft, text: 'c' }]]);
  });
});

describe('the line of messages typed ahead', () => {
  beforeEach(async () => {
    await say('one');
    await say('two');
    await say('three');
  });

  it('goes out one by one, each after the answer before it', async () => {
    expect([texts(), line()]).toEqual([['one'], ['two', 'three']]);
    await end();
    expect([texts(), line()]).toEqual([['one', 'two'], ['three']]);
    await end();
    expect([texts(), line()]).toEqual([['one', 'two', 'three'], []]);
    await end();
    expect(texts()).toHaveLength(3);
  });

  for (const [status, pause] of [
    ['failed', 'failed'],
    ['cancelled', 'stopped'],
    ['interrupted', 'cutOff'],
  ] as const) {
    it(`waits when an answer is ${status}, until it is told to go on`, async () => {
      await end(status);
      expect([texts(), composer.paused]).toEqual([['one'], pause]);
      await say('now');
      expect(texts()).toEqual(['one', 'now']);
      await end();
      expect(texts()).toEqual(['one', 'now']);
      composer.goOn();
      await settle();
      expect([texts(), line()]).toEqual([['one', 'now', 'two'], ['three']]);
    });
  }

  it('keeps a message that does not go out, at its place', async () => {
    around.refuse = true;
    await end();
    expect([line(), composer.paused]).toEqual([['two', 'three'], 'notSent']);
  });

  it('gives a message back to be changed, and gives the draft back after it', async () => {
    composer.text = 'draft';
    composer.edit(composer.queue[0]?.key ?? 0);
    expect(composer.text).toBe('two');
    composer.text = 'two and more';
    expect(composer.draft).toEqual({
      text: 'draft',
      attachments: [],
      queued: [
        { text: 'two and more', attachments: [] },
        { text: 'three', attachments: [] },
      ],
    });
    expect(composer.submit()).toBe('changed');
    expect([composer.text, line()]).toEqual(['draft', ['two and more', 'three']]);
  });

  it('waits for a message that is being changed, and goes on when it is done', async () => {
    composer.edit(composer.queue[0]?.key ?? 0);
    await end();
    expect(texts()).toEqual(['one']);
    composer.cancelEditing();
    await settle();
    expect(texts()).toEqual(['one', 'two']);
  });

  it('does not send a message that is taken out while it is being changed', async () => {
    composer.edit(composer.queue[0]?.key ?? 0);
    await end();
    composer.remove(composer.queue[0]?.key ?? 0);
    await settle();
    expect(texts()).toEqual(['one', 'three']);
  });

  it('is put in another order, and takes a removed message back', async () => {
    const [two, three] = composer.queue;
    expect(composer.move(three?.key ?? 0, -1)).toBe(true);
    expect(composer.move(three?.key ?? 0, -1)).toBe(false);
    expect(line()).toEqual(['three', 'two']);
    const undo = composer.remove(two?.key ?? 0);
    expect(line()).toEqual(['three']);
    undo?.();
    expect(line()).toEqual(['three', 'two']);
  });
});

describe('what was sent', () => {
  const sent = () => ['first', 'second'];

  it('is walked through and back, and the draft comes back', () => {
    composer.text = 'draft';
    const seen: string[] = [];
    for (const by of [-1, -1, -1, 1, 1, 1] as const) {
      composer.recall(by, sent);
      seen.push(composer.text);
    }
    expect(seen).toEqual(['second', 'first', 'first', 'second', 'draft', 'draft']);
    expect(composer.walking).toBe(false);
  });

  it('ends on the word and gives the draft back', () => {
    composer.text = 'draft';
    composer.recall(-1, sent);
    composer.stopWalking();
    expect(composer.text).toBe('draft');
  });

  it('is sent changed, and the draft comes back after it', async () => {
    composer.text = 'draft';
    composer.recall(-1, sent);
    await say('second, again');
    expect([texts(), composer.text]).toEqual([['second, again'], 'draft']);
  });

  it('is the draft once it is changed with none waiting', async () => {
    composer.recall(-1, sent);
    composer.text = 'second!';
    expect(composer.walking).toBe(false);
    expect(composer.draft.text).toBe('second!');
  });
});

describe('a message that does not go out', () => {
  it('stands in the field again, before what was typed since', async () => {
    around.slow = true;
    composer.text = 'a';
    composer.submit();
    expect(composer.text).toBe('');
    composer.text = 'b';
    await around.answer(false);
    expect(composer.text).toBe('a\n\nb');
    expect(around.saved.at(-1)?.[1].text).toBe('a\n\nb');
  });
});

describe('files', () => {
  const file = (name: string, size = 3) => new File([new Uint8Array(size)], name);

  async function attach(one: File) {
    // A FileReader takes its time on the real clock.
    vi.useRealTimers();
    await composer.attach(one);
    vi.useFakeTimers();
  }

  it('go out with the message and are in its draft', async () => {
    URL.createObjectURL = () => 'blob:x';
    URL.revokeObjectURL = () => undefined;
    await attach(file('a.png'));
    expect(composer.draft.attachments.map(({ id }) => id)).toEqual(['f-a.png']);
    await say('look');
    expect(around.delivered[0]?.attachments).toEqual(['f-a.png']);
    expect(composer.files).toEqual([]);
  });

  it('that are there already are not there twice', async () => {
    await attach(file('a.txt'));
    await attach(file('a.txt'));
    expect(composer.files).toHaveLength(1);
  });

  it('that are empty or too large say so, are not read and hold the message', async () => {
    await attach(file('a.txt', 0));
    const large = file('b.txt');
    Object.defineProperty(large, 'size', { value: 20_000_001 });
    await attach(large);
    expect(composer.files.map(({ fault }) => fault)).toEqual(['empty', 'tooLarge']);
    expect(around.addAttachment).not.toHaveBeenCalled();
    composer.text = 'x';
    expect(composer.submit()).toBeNull();
    expect(composer.text).toBe('x');
  });

  it('the store refuses say why', async () => {
    around.addAttachment.mockRejectedValueOnce(error('invalid', 'too_large'));
    around.addAttachment.mockRejectedValueOnce(error('disk_full'));
    await attach(file('a.txt'));
    await attach(file('b.txt'));
    expect(composer.files.map(({ fault }) => fault)).toEqual(['tooLarge', error('disk_full')]);
  });
});

describe('the estimate', () => {
  it('is asked for at once, then only when the typing pauses', async () => {
    await composer.forecast.look({ kind: 'model', providerId: 'p', model: 'm' });
    composer.target = { kind: 'model', providerId: 'p', model: 'm' };
    composer.forecast.now();
    expect(around.asked).toEqual(['']);
    for (const text of ['a', 'ab', 'abc']) {
      composer.text = text;
      await vi.advanceTimersByTimeAsync(299);
    }
    expect(around.asked).toEqual(['']);
    await vi.advanceTimersByTimeAsync(1);
    expect(around.asked).toEqual(['', 'abc']);
  });

  it('of an older text is dropped', async () => {
    composer.target = { kind: 'model', providerId: 'p', model: 'm' };
    const open: ((view: EstimateView) => void)[] = [];
    around.backend.estimate = () => new Promise((done) => open.push(done));
    composer.forecast.now();
    composer.text = 'longer';
    await vi.advanceTimersByTimeAsync(300);
    open[1]?.({ textTokens: 2 } as EstimateView);
    open[0]?.({ textTokens: 1 } as EstimateView);
    await settle();
    expect(composer.forecast.estimate?.textTokens).toBe(2);
  });
});

describe('the setup', () => {
  it('of a stored chat is written when it stays, and goes with a message sent before that', async () => {
    composer.change({ temperature: 0.2 });
    composer.change({ temperature: 0.25 });
    await vi.advanceTimersByTimeAsync(500);
    expect(around.setups).toEqual([['c', { ...emptySetup(), temperature: 0.25 }]]);
    await say('as it is');
    composer.change({ seed: 7 });
    await end();
    await say('with a seed');
    expect(around.delivered.map(({ setup }) => setup?.seed ?? null)).toEqual([null, 7]);
  });

  it('of a new chat goes with its first message', async () => {
    composer = new ComposerState(around, null);
    composer.change({ systemPrompt: 'Be brief.' });
    await vi.advanceTimersByTimeAsync(500);
    expect(around.setups).toEqual([]);
    await say('hello');
    expect(around.delivered[0]?.setup?.systemPrompt).toBe('Be brief.');
    expect(composer.id).toBe('c');
  });
});

type Step =
  | { do: 'type' | 'say' | 'submit' | 'up' | 'down' | 'escape' | 'goOn' | 'cancel' | 'save' }
  | { do: 'edit' | 'remove'; at: number }
  | { do: 'move'; at: number; by: -1 | 1 }
  | { do: 'answer'; went: boolean }
  | { do: 'end'; status: 'complete' | 'failed' | 'cancelled' | 'interrupted' };

const plain: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('submit', 'up', 'down', 'escape', 'goOn', 'cancel', 'save' as const),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom('type', 'say' as const) }) },
  { weight: 8, arbitrary: plain },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('edit', 'edit', 'remove' as const), at: fc.nat(9) }),
  },
  fc.record({ do: fc.constant('move' as const), at: fc.nat(3), by: fc.constantFrom(-1, 1) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('answer' as const), went: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      status: fc.constantFrom('complete', 'failed', 'cancelled', 'interrupted' as const),
    }),
  },
);

it('loses no typed word, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 60, size: 'max' }), async (steps) => {
      around = new Around();
      around.slow = true;
      composer = new ComposerState(around, 'c');
      const typed: string[] = [];
      const sent = () => texts();
      for (const now of steps) {
        const key = 'at' in now ? composer.queue[now.at % (composer.queue.length || 1)]?.key : undefined;
        if (now.do === 'type' || now.do === 'say') {
          const word = `w${typed.length}.`;
          typed.push(word);
          composer.text += word;
          if (now.do === 'say') composer.submit();
        } else if (now.do === 'submit') composer.submit();
        else if (now.do === 'up') composer.recall(-1, sent);
        else if (now.do === 'down') composer.recall(1, sent);
        else if (now.do === 'escape') composer.stopWalking();
        else if (now.do === 'goOn') composer.goOn();
        else if (now.do === 'cancel') composer.cancelEditing();
        else if (now.do === 'save') await vi.advanceTimersByTimeAsync(500);
        else if (now.do === 'edit' && key !== undefined) composer.edit(key);
        else if (now.do === 'remove' && key !== undefined) composer.remove(key);
        else if (now.do === 'move' && key !== undefined) composer.move(key, now.by);
        else if (now.do === 'answer') await around.answer(now.went);
        else if (now.do === 'end' && around.running) await end(now.status);
        await settle();
      }
      // What is on its way comes back; what remains is in the draft, or the arrows find it.
      while (composer.sending) await around.answer(false);
      composer.cancelEditing();
      while (composer.sending) await around.answer(false);
      const { text, queued } = composer.draft;
      const found = [text, ...queued.map((message) => message.text), ...texts()];
      composer.stopWalking();
      found.push(composer.text);
      while (composer.recall(-1, sent)) found.push(composer.text);
      const all = found.join(' ');
      expect(typed.filter((word) => !all.includes(word))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
