import { describe, expect, it } from 'vitest';
import type { SearchInput, SearchView } from '$lib/ipc/bindings';
import { ask } from './ask';

const input: SearchInput = { text: 'q', order: 'best', typing: true, conversationId: null, skip: 0 };

function searching(endedByOthers: number) {
  let asks = 0;
  const search = async () => {
    asks += 1;
    return { hits: asks, superseded: asks <= endedByOthers } as SearchView;
  };
  return { backend: { search }, asks: () => asks };
}

describe('a search that others end', () => {
  it('is asked again until it has an answer', async () => {
    const { backend, asks } = searching(2);
    expect(await ask(backend, input)).toMatchObject({ hits: 3, superseded: false });
    expect(asks()).toBe(3);
  });

  it('is not asked again by whom it no longer matters to', async () => {
    const { backend, asks } = searching(2);
    expect(await ask(backend, input, () => asks() === 0)).toBeNull();
    expect(asks()).toBe(1);
  });

  it('comes to an end where two of them end each other for ever', async () => {
    const { backend, asks } = searching(1_000);
    expect(await ask(backend, input)).toMatchObject({ superseded: true });
    expect(asks()).toBe(4);
  });
});
