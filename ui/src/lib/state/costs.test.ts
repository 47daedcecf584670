import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeBackend } from '$lib/ipc/fake/backend';
import type { Backend } from '$lib/ipc/backend';
import { Costs } from './costs.svelte';

const made = (over: Partial<Backend> = {}, query = '') => {
  const backend = { ...fakeBackend(new URLSearchParams(`scene=costs&today=2026-11-21&${query}`)), ...over };
  return { backend, costs: new Costs(backend) };
};

beforeEach(() => vi.useFakeTimers({ now: new Date('2026-11-21T15:00:00') }));
afterEach(() => vi.useRealTimers());

describe('the costs that are looked at', () => {
  it('are those of the month that runs, with the log of the same', async () => {
    const { costs } = made();
    await costs.read();
    expect(costs.view?.filter).toMatchObject({ from: '2026-11-01', to: '2026-11-30' });
    expect(costs.log.total).toBe(costs.view?.totals.entries);
    expect(costs.elsewhere.length).toBeGreaterThan(0);
  });

  it('are read for the day of the core, not of the window', async () => {
    vi.setSystemTime(new Date('2026-12-01T00:30:00'));
    const { costs } = made();
    await costs.read();
    expect(costs.view?.filter).toMatchObject({ from: '2026-11-01', to: '2026-11-30' });
  });

  it('combine filters between kinds, and keep the names of what is filtered by', async () => {
    const { costs } = made();
    await costs.read();
    const all = costs.view?.totals.entries ?? 0;
    costs.toggle('providers', 'p-anthropic');
    costs.toggle('purposes', 'title');
    await vi.waitFor(() => expect(costs.loading).toBe(false));
    const some = costs.view?.totals.entries ?? 0;
    expect(some).toBeGreaterThan(0);
    expect(some).toBeLessThan(all);
    costs.during({ kind: 'days', from: '2020-01-01', to: '2020-01-02' });
    await vi.waitFor(() => expect(costs.view?.totals.entries).toBe(0));
    expect(costs.keyOf('providers', 'p-anthropic').name).toBe('Anthropic');
    expect(costs.chosen).toHaveLength(2);
    costs.clear();
    expect(costs.filtered).toBe(false);
  });

  it('show the latest question, however late an older one is answered', async () => {
    const real = made().backend;
    const late: (() => void)[] = [];
    const { costs } = made({
      dashboard: async (input) => {
        if (input.filter.providers?.includes('p-openai')) await new Promise<void>((go) => late.push(go));
        return real.dashboard(input);
      },
    });
    costs.toggle('providers', 'p-openai');
    await Promise.resolve();
    costs.clear();
    await vi.waitFor(() => expect(costs.view).not.toBeNull());
    const shown = costs.view?.totals.entries;
    for (const go of late) go();
    await vi.advanceTimersByTimeAsync(10);
    expect(costs.view?.totals.entries).toBe(shown);
    expect(costs.view?.filter.providers).toEqual([]);
  });

  it('stay where they cannot be read anew, and say why', async () => {
    let broken = false;
    const real = made().backend;
    const { costs } = made({
      dashboard: (input) => (broken ? Promise.reject(new Error('gone')) : real.dashboard(input)),
    });
    await costs.read();
    const before = costs.view;
    broken = true;
    await costs.read();
    expect(costs.error?.code).toBe('bridge');
    expect(costs.view).toBe(before);
    broken = false;
    await costs.read();
    expect(costs.error).toBeNull();
  });

  it('are read once after several answers, and only while somebody looks', async () => {
    const dashboard = vi.fn(made().backend.dashboard);
    const { costs } = made({ dashboard });
    costs.changed();
    await vi.advanceTimersByTimeAsync(2000);
    expect(dashboard).not.toHaveBeenCalled();
    const rest = costs.watch();
    await vi.advanceTimersByTimeAsync(10);
    expect(dashboard).toHaveBeenCalledTimes(1);
    costs.changed();
    costs.changed();
    costs.changed();
    await vi.advanceTimersByTimeAsync(2000);
    expect(dashboard).toHaveBeenCalledTimes(2);
    costs.changed();
    rest();
    await vi.advanceTimersByTimeAsync(2000);
    expect(dashboard).toHaveBeenCalledTimes(2);
  });
});

describe('the request log', () => {
  it('goes on to its end, each request once', async () => {
    const { costs } = made();
    await costs.read();
    const { log } = costs;
    while (log.next !== null) await log.more();
    expect(log.rows).toHaveLength(log.total ?? 0);
    expect(new Set(log.rows.map(({ id }) => id)).size).toBe(log.rows.length);
  });

  it('reads the rest at once, each request once', async () => {
    const { costs } = made();
    await costs.read();
    const { log } = costs;
    expect(log.next).not.toBeNull();
    expect(await log.rest()).toBe(true);
    expect(log.rows).toHaveLength(log.total ?? 0);
    expect(new Set(log.rows.map(({ id }) => id)).size).toBe(log.rows.length);
  });

  it('gives up the rest of another filter', async () => {
    const { costs } = made();
    await costs.read();
    const { log } = costs;
    const rest = log.rest();
    costs.toggle('providers', 'p-groq');
    expect(await rest).toBe(false);
    await vi.waitFor(() => expect(costs.loading).toBe(false));
    expect(log.rows.every(({ providerId }) => providerId === 'p-groq')).toBe(true);
  });

  it('begins anew under another filter, and lets go of details that are no longer there', async () => {
    const { costs } = made();
    await costs.read();
    const { log } = costs;
    const asked = log.asked;
    log.shown = log.rows.find(({ providerId }) => providerId !== 'p-groq')?.id ?? null;
    await costs.read();
    expect(log.asked).toBe(asked);
    expect(log.shown).not.toBeNull();
    costs.toggle('providers', 'p-groq');
    await vi.waitFor(() => expect(costs.loading).toBe(false));
    expect(log.asked).toBe(asked + 1);
    expect(log.rows.every(({ providerId }) => providerId === 'p-groq')).toBe(true);
    expect(log.shown).toBeNull();
  });
});
