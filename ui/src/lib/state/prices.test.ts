import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { PriceList, PriceRow, PricesInput } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
import { PAGE, Prices } from './prices.svelte';

const TOTAL = 350;
const row = (at: number): PriceRow => ({
  providerId: 'p',
  providerName: 'Provider',
  vendor: null,
  model: `model-${at}`,
  name: null,
  rates: { input: 1e9, output: 2e9 },
  varies: false,
  typicalNano: 1e6,
  own: [],
});

function make() {
  const source = {
    date: '2026-11-03',
    bundled: true,
    fetchedAt: null,
    models: TOTAL,
    trouble: null,
    weekly: false,
  };
  const listPrices = vi.fn(async ({ offset = 0, limit = 0, text = '' }: PricesInput): Promise<PriceList> => {
    const total = text === '' ? TOTAL : 2;
    const rows = Array.from({ length: Math.min(limit, total - offset) }, (_, at) => row(offset + at));
    return { source: { ...source }, typical: { input: 1500, output: 500, own: false }, rows, total };
  });
  const backend = {
    listPrices,
    savePrice: vi.fn(async () => ({
      price: { id: 'o', providerId: 'p', model: 'm', validFrom: '', rates: {} },
      booked: 3,
    })),
    removePrice: vi.fn(async () => undefined),
    refreshPrices: vi.fn(async () => source),
  };
  return { backend, prices: new Prices(backend), source };
}

const offsets = (backend: ReturnType<typeof make>['backend']) =>
  backend.listPrices.mock.calls.map(([{ offset }]) => offset);

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

describe('the price list', () => {
  it('reads what is in sight, each page once', async () => {
    const { backend, prices } = make();
    await prices.read();
    expect(prices.rows).toHaveLength(TOTAL);
    expect(prices.rows[PAGE]).toBeUndefined();
    prices.see(PAGE * 2 - 3, PAGE * 2 + 10);
    prices.see(PAGE * 2, PAGE * 2 + 20);
    await vi.advanceTimersByTimeAsync(0);
    expect(offsets(backend)).toEqual([0, PAGE, PAGE * 2]);
    expect(prices.rows[PAGE * 2 + 5]?.model).toBe(`model-${PAGE * 2 + 5}`);
    prices.see(TOTAL - 1, TOTAL + 40);
    await vi.advanceTimersByTimeAsync(0);
    expect(prices.rows.at(-1)?.model).toBe(`model-${TOTAL - 1}`);
  });

  it('waits for the end of a word, and the latest one wins', async () => {
    const { backend, prices } = make();
    await prices.read();
    prices.look({ text: 'g' });
    prices.look({ text: 'gpt' });
    await vi.advanceTimersByTimeAsync(500);
    expect(backend.listPrices.mock.calls.map(([{ text }]) => text)).toEqual(['', 'gpt']);
    expect(prices.rows).toHaveLength(2);
    let late: (list: PriceList) => void = () => undefined;
    backend.listPrices.mockImplementationOnce(() => new Promise((done) => (late = done)));
    prices.look({ which: 'own' });
    prices.look({ which: 'all' });
    await vi.advanceTimersByTimeAsync(0);
    late({ ...(await backend.listPrices({ offset: 0, limit: 1 })), total: 0, rows: [] });
    await vi.advanceTimersByTimeAsync(0);
    expect(prices.rows).toHaveLength(2);
  });

  it('shows what is in sight anew after a price was kept', async () => {
    const { backend, prices } = make();
    await prices.read();
    prices.see(PAGE, PAGE + 5);
    await vi.advanceTimersByTimeAsync(0);
    backend.listPrices.mockClear();
    const saved = await prices.save({
      id: null,
      providerId: 'p',
      model: 'm',
      validFrom: '2026-11-22',
      rates: {},
      bookLate: true,
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(saved.booked).toBe(3);
    expect(offsets(backend)).toEqual([0, PAGE]);
  });

  it('keeps what was there when a refresh is not taken, and shows why', async () => {
    const { backend, prices, source } = make();
    await prices.read();
    backend.refreshPrices.mockImplementationOnce(async () => {
      Object.assign(source, { trouble: 'truncated' });
      throw new BackendError({
        code: 'prices',
        category: null,
        message: '',
        field: null,
        status: null,
        cause: 'truncated',
      });
    });
    await expect(prices.refresh()).rejects.toMatchObject({ code: 'prices', reason: 'truncated' });
    expect(prices.source?.trouble).toBe('truncated');
    expect(prices.rows).toHaveLength(TOTAL);
  });

  it('says why it could not be read, and reads again', async () => {
    const { backend, prices } = make();
    backend.listPrices.mockRejectedValueOnce(new Error('closed'));
    await prices.read();
    expect(prices.error?.message).toBe('closed');
    await prices.read();
    expect(prices.error).toBeNull();
    expect(prices.rows).toHaveLength(TOTAL);
  });
});
