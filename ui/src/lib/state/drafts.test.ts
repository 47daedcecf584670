import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import { Drafts, Refused, type Bound } from './drafts.svelte';

/** A field whose saves end when the test says so. */
function field(start = '') {
  let kept = start;
  const waiting: { text: string; end: (error?: Error) => void }[] = [];
  const save = vi.fn(
    (text: string) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({
          text,
          end: (error) => {
            if (error) return reject(error);
            kept = text;
            resolve();
          },
        });
      }),
  );
  const bound: Bound = {
    kept: () => kept,
    save,
    explain: (thrown) => `Because: ${(thrown as Error).message}`,
  };
  const drafts = new Drafts();
  return {
    draft: drafts.of('limits', bound),
    drafts,
    bound,
    save,
    /** Somebody else changed it. */
    change: (text: string) => (kept = text),
    kept: () => kept,
    async end(error?: Error) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
      waiting.shift()?.end(error);
      await Promise.resolve();
    },
  };
}

describe('a draft', () => {
  it('saves what was typed, without blanks around it, and shows what is kept again', async () => {
    const { draft, save, end, kept } = field('4');
    draft.text = ' 50 ';
    const done = draft.commit();
    expect(draft.state).toBe('saving');
    await end();
    await done;
    expect(save).toHaveBeenCalledExactlyOnceWith('50');
    expect([draft.state, draft.text, kept(), draft.dirty]).toEqual(['saved', '50', '50', false]);
  });

  it('is not sent again by going elsewhere once it was refused, but by Enter or with another text', async () => {
    const { draft, save, end } = field('4');
    draft.text = 'x';
    const refused = draft.leave();
    await end(new Error('no'));
    await refused;
    await draft.leave();
    expect([save.mock.calls.length, draft.error]).toEqual([1, 'Because: no']);
    const again = draft.commit();
    await end(new Error('no'));
    await again;
    expect(save).toHaveBeenCalledTimes(2);
    draft.text = '5';
    const other = draft.leave();
    await end();
    await other;
    expect([save.mock.calls.length, draft.text, draft.error]).toEqual([3, '5', null]);
  });

  it('asks nobody where nothing changed', async () => {
    const { draft, save } = field('4');
    await draft.commit();
    draft.text = '5';
    draft.text = '4 ';
    await draft.commit();
    expect(save).not.toHaveBeenCalled();
    expect([draft.text, draft.state]).toEqual(['4', 'rest']);
  });

  it('keeps what was typed through an error and through a change of what is kept', async () => {
    const { draft, end, change } = field('4');
    draft.text = '5000';
    const done = draft.commit();
    await end(new Error('too much'));
    await done;
    change('7');
    flushSync();
    expect([draft.text, draft.error, draft.state]).toEqual(['5000', 'Because: too much', 'rest']);
    draft.text = '500';
    expect(draft.error).toBeNull();
    draft.revert();
    expect([draft.text, draft.dirty]).toEqual(['7', false]);
  });

  it('says a refusal of the page in its own words', async () => {
    const { draft, end } = field();
    draft.text = 'x';
    const done = draft.commit();
    await end(new Refused('A number, please.'));
    await done;
    expect(draft.error).toBe('A number, please.');
  });

  it('saves what is typed during a save after it, once', async () => {
    const { draft, save, end } = field('1');
    draft.text = '2';
    const done = draft.commit();
    draft.text = '3';
    void draft.commit();
    await end();
    await end();
    await done;
    expect(save.mock.calls).toEqual([['2'], ['3']]);
    expect([draft.text, draft.state]).toEqual(['3', 'saved']);
  });

  it('tries what was typed meanwhile where the save before it failed', async () => {
    const { draft, save, end } = field('1');
    draft.text = 'bad';
    const done = draft.commit();
    draft.text = '3';
    await end(new Error('no'));
    await end();
    await done;
    expect(save.mock.calls).toEqual([['bad'], ['3']]);
    expect([draft.error, draft.text]).toEqual([null, '3']);
  });

  it('is the same one when its page is opened again', () => {
    const { draft, drafts, bound } = field('1');
    draft.text = '2';
    expect(drafts.of('limits', { ...bound }).text).toBe('2');
    expect(drafts.of('other', bound).text).toBe('1');
  });
});
