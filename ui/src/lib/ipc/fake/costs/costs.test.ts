import { describe, expect, it } from 'vitest';
import { fakeBackend } from '../backend';

const made = (query: string) => fakeBackend(new URLSearchParams(`scene=costs&today=2026-11-21&${query}`));
const month = { from: '2026-11-01', to: '2026-11-30' };

describe('the seeded year', () => {
  it('is the same each time', async () => {
    const input = { filter: month, group: 'provider' as const };
    const one = await made('').dashboard(input);
    const other = await made('').dashboard(input);
    expect({ ...one, budget: null }).toEqual({ ...other, budget: null });
    expect(one.totals.entries).toBeGreaterThan(500);
    expect(one.totals.unknown).toBeGreaterThan(0);
    expect(one.projection?.days).toHaveLength(9);
  });

  it('sums to the same under every grouping', async () => {
    const backend = made('');
    for (const group of ['provider', 'model', 'purpose', 'route', 'account'] as const) {
      const { totals, series } = await backend.dashboard({ filter: month, group });
      expect(series.reduce((sum, one) => sum + one.totals.totalNano, 0)).toBe(totals.totalNano);
      const points = series.flatMap((one) => one.points);
      expect(points.reduce((sum, one) => sum + one.totalNano, 0)).toBe(totals.totalNano);
    }
  });

  it('pages the log to its end', async () => {
    const backend = made('');
    const filter = { ...month, providers: ['p-anthropic'] };
    const { totals } = await backend.dashboard({ filter, group: 'provider' });
    let after: string | null = null;
    const ids = new Set<string>();
    do {
      const page = await backend.requests({ filter, after, limit: 200 });
      expect(page.total).toBe(totals.entries);
      for (const { id } of page.rows) ids.add(id);
      after = page.next;
    } while (after !== null);
    expect(ids.size).toBe(totals.entries);
  });

  it('refuses what a budget stops, and lets pass what it asks for', async () => {
    const send = (backend: ReturnType<typeof made>, overBudget: boolean) =>
      backend.send({
        conversationId: null,
        text: 'Hello',
        target: { kind: 'model', providerId: 'p-openai', model: 'gpt-5.4' },
        attachments: [],
        setup: null,
        replaces: null,
        overBudget,
        fallbackRouteId: null,
      });
    await expect(send(made('budgets=ask'), false)).rejects.toMatchObject({
      code: 'over_budget',
      budgets: [{ mayPass: true }],
    });
    await expect(send(made('budgets=ask'), true)).resolves.toBeTruthy();
    await expect(send(made('budgets=stop'), true)).rejects.toMatchObject({ code: 'over_budget' });
  });
});
