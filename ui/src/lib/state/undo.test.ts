import { describe, expect, it } from 'vitest';
import { Undo } from './undo.svelte';

function deeds() {
  const undo = new Undo();
  const taken: string[] = [];
  const push = (name: string) => undo.push(name, async () => void taken.push(name));
  return { undo, taken, push };
}

describe('undo', () => {
  it('takes the last deed back first', async () => {
    const { undo, taken, push } = deeds();
    push('one');
    push('two');
    await undo.last();
    await undo.last();
    await undo.last();
    expect(taken).toEqual(['two', 'one']);
  });

  it('takes each deed back once, from wherever it is asked', async () => {
    const { undo, taken, push } = deeds();
    const one = push('one');
    push('two');
    await one();
    await one();
    await undo.last();
    await undo.last();
    expect(taken).toEqual(['one', 'two']);
  });

  it('remembers a day, not a life', async () => {
    const { undo, taken, push } = deeds();
    const first = push('first');
    for (let at = 0; at < 100; at += 1) push(`deed ${at}`);
    expect(undo.steps.length).toBeLessThan(50);
    await first();
    expect(taken).toEqual([]);
  });
});
