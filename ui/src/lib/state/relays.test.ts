import * as fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RelayView } from '$lib/ipc/bindings';
import { isPrompt, Relays } from './relays.svelte';

const relay = (messageId: string, part: Partial<RelayView> = {}): RelayView => ({
  messageId,
  conversationId: `c-${messageId}`,
  conversationTitle: '',
  providerId: 'p',
  model: 'web chat',
  last: 'the last words',
  whole: '## User\n\nthe last words',
  wholeFirst: false,
  attachments: [],
  since: 0,
  ...part,
});

let there: RelayView[];
let looks: number;
let said: string[];
let complaints: unknown[];
let relays: Relays;
let read: () => Promise<RelayView[]>;

beforeEach(() => {
  vi.useFakeTimers();
  [there, looks, said, complaints] = [[], 0, [], []];
  read = async () => there;
  relays = new Relays(
    {
      relays: () => {
        looks += 1;
        return read();
      },
      answerRelay: async (id) => void (there = there.filter(({ messageId }) => messageId !== id)),
    },
    ({ messageId }) => said.push(messageId),
    (thrown) => complaints.push(thrown),
  );
  return () => vi.useRealTimers();
});

describe('prompts that wait for a person', () => {
  it('are there from the start, each said once', async () => {
    there = [relay('m1'), relay('m2')];
    await relays.load();
    await relays.load();
    expect(said).toEqual(['m1', 'm2']);
    expect(relays.of('m2')?.messageId).toBe('m2');
    expect([relays.waits('c-m1'), relays.waits('c-other')]).toEqual([true, false]);
  });

  it('are looked for until they come, ever more seldom, and no longer', async () => {
    relays.expect('m1');
    await vi.advanceTimersByTimeAsync(1000);
    const early = looks;
    expect(early).toBeGreaterThan(2);
    expect(early).toBeLessThan(8);
    there = [relay('m1')];
    await vi.advanceTimersByTimeAsync(5000);
    expect(relays.of('m1')).not.toBeNull();
    const found = looks;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toBe(found);
  });

  it('are looked for no longer once their message is settled, or the window has moved on', async () => {
    relays.expect('m1');
    relays.expect('m2');
    relays.settled('m1');
    relays.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(looks).toBeLessThan(4);
  });

  it('do not come back out of a list from before their answer', async () => {
    there = [relay('m1'), relay('m2')];
    await relays.load();
    let give: (all: RelayView[]) => void = () => undefined;
    read = () => new Promise((resolve) => (give = resolve));
    const late = relays.load();
    await relays.answer('m1', 'the answer');
    give([relay('m1'), relay('m2')]);
    await late;
    expect(relays.items.map(({ messageId }) => messageId)).toEqual(['m2']);
  });

  it('keep what was typed until they are answered', async () => {
    there = [relay('m1')];
    await relays.load();
    relays.draftOf('m1').text = 'half an answer';
    expect(relays.draftOf('m1').text).toBe('half an answer');
    await relays.answer('m1', 'an answer');
    expect(relays.draftOf('m1').text).toBe('');
  });

  it('tell when they cannot be read, once', async () => {
    read = async () => Promise.reject(new Error('closed'));
    relays.expect('m1');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(complaints).toHaveLength(1);
  });
});

describe('a pasted prompt', () => {
  it('is known by any of its two forms, whatever became of its blanks', () =>
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^\S{1,12}$/), { minLength: 1, maxLength: 8 }),
        fc.array(fc.constantFrom(' ', '\n', '\r\n', '\t', '\u00a0'), { minLength: 8, maxLength: 8 }),
        (words, blanks) => {
          const pasted = words.map((word, at) => `${blanks[at] ?? ' '}${word}`).join('');
          const view = relay('m', { last: words.join(' '), whole: `## User\n\n${words.join('\n')}` });
          expect(isPrompt(pasted, view)).toBe(true);
          expect(isPrompt(`## User ${pasted}`, view)).toBe(true);
          expect(isPrompt(`${pasted} and more`, view)).toBe(false);
        },
      ),
    ));

  it('is not an empty one', () => expect(isPrompt(' ', relay('m', { last: '', whole: '' }))).toBe(false));
});
