import { describe, expect, it, vi } from 'vitest';
import type { BudgetInput, BudgetView } from '$lib/ipc/bindings';
import { Budgets, inputOf } from './budgets.svelte';

const budget = (id: string, change: Partial<BudgetView> = {}): BudgetView => ({
  id,
  scope: { kind: 'all' },
  name: '',
  period: 'month',
  limitNano: 80e9,
  warnAt: [80],
  atLimit: 'ask',
  spentNano: 0,
  guessedNano: 0,
  reservedNano: 0,
  unknown: 0,
  until: '2026-12-01',
  warned: 0,
  reached: false,
  ...change,
});

function make(items: BudgetView[]) {
  const backend = {
    listBudgets: vi.fn(async () => items),
    saveBudget: vi.fn(async (input: BudgetInput) =>
      budget(input.id ?? 'new', { limitNano: input.limitNano }),
    ),
    removeBudget: vi.fn(async () => undefined),
  };
  return { backend, budgets: new Budgets(backend) };
}

describe('budgets', () => {
  it('show the month against the smallest one for everything', async () => {
    const { budgets } = make([
      budget('day', { period: 'day', limitNano: 1e9 }),
      budget('provider', { scope: { kind: 'provider', providerId: 'p' }, limitNano: 2e9 }),
      budget('large'),
      budget('small', { limitNano: 40e9 }),
    ]);
    expect(budgets.overall).toBeUndefined();
    await budgets.read();
    expect(budgets.overall?.id).toBe('small');
    expect(budgets.of({ kind: 'provider', providerId: 'p' }).map(({ id }) => id)).toEqual(['provider']);
    expect(budgets.of({ kind: 'route', routeId: 'p' })).toEqual([]);
  });

  it('are not undone on the screen by a list from before a change', async () => {
    const { backend, budgets } = make([budget('a')]);
    let answer: (items: BudgetView[]) => void = () => undefined;
    backend.listBudgets.mockImplementationOnce(() => new Promise((done) => (answer = done)));
    backend.listBudgets.mockImplementationOnce(async () => [budget('a', { limitNano: 5e9 })]);
    const reading = budgets.read();
    await budgets.save(inputOf(budget('a', { limitNano: 5e9 })));
    answer([budget('a')]);
    await reading;
    expect(budgets.byId('a')?.limitNano).toBe(5e9);
    expect(backend.listBudgets).toHaveBeenCalledTimes(2);
  });

  it('say why they could not be read only while there is nothing to show', async () => {
    const { backend, budgets } = make([budget('a')]);
    backend.listBudgets.mockRejectedValueOnce(new Error('busy'));
    await expect(budgets.read()).rejects.toThrow('busy');
    expect(budgets.failed).not.toBeNull();
    await budgets.read();
    expect(budgets.failed).toBeNull();
    backend.listBudgets.mockRejectedValueOnce(new Error('busy'));
    await expect(budgets.read()).rejects.toThrow('busy');
    expect(budgets.failed).toBeNull();
    expect(budgets.items).toHaveLength(1);
  });

  it('come back as they were, under another id', () => {
    const input = inputOf(budget('a', { warnAt: [50, 80], atLimit: 'stop' }), null);
    expect(input).toEqual({
      id: null,
      scope: { kind: 'all' },
      period: 'month',
      limitNano: 80e9,
      warnAt: [50, 80],
      atLimit: 'stop',
    });
  });
});
