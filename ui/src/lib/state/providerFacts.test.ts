import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProviderFacts } from '$lib/ipc/bindings';
import { EVERY_MS, Facts } from './providerFacts.svelte';

const fact = (running: number): ProviderFacts => ({
  providerId: 'p',
  circuits: [],
  spend: { totalNano: 0, estimatedNano: 0, unknown: 0, entries: 0 },
  health: {
    calls: [],
    failed: 0,
    firstTokenMedianMs: null,
    firstTokenP95Ms: null,
    lastError: null,
    probe: null,
  },
  accounts: [],
  running,
  waiting: 0,
});

let asked: ReturnType<typeof vi.fn<() => Promise<ProviderFacts[]>>>;
let facts: Facts;

beforeEach(() => {
  vi.useFakeTimers();
  let count = 0;
  asked = vi.fn(async () => [fact((count += 1))]);
  facts = new Facts({ providerFacts: asked });
});
afterEach(() => void vi.useRealTimers());

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('the facts of providers', () => {
  it('are read when somebody looks, then every thirty seconds, and no more once nobody does', async () => {
    const first = facts.watch();
    const second = facts.watch();
    await settle();
    const atOnce = asked.mock.calls.length;
    expect(atOnce).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(EVERY_MS - 1);
    expect(asked).toHaveBeenCalledTimes(atOnce);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveBeenCalledTimes(atOnce + 1);
    first();
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(asked).toHaveBeenCalledTimes(atOnce + 2);
    second();
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    facts.changed();
    expect(asked).toHaveBeenCalledTimes(atOnce + 2);
  });

  it('are asked for once at a time, and once more for what happened meanwhile', async () => {
    let answer: (facts: ProviderFacts[]) => void = () => undefined;
    asked.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    const stop = facts.watch();
    facts.changed();
    facts.changed();
    facts.changed();
    expect(asked).toHaveBeenCalledTimes(1);
    answer([fact(1)]);
    await settle();
    expect(asked).toHaveBeenCalledTimes(2);
    answer([fact(2)]);
    await settle();
    expect(asked).toHaveBeenCalledTimes(2);
    expect(facts.of('p')?.running).toBe(2);
    stop();
  });

  it('stay as they were where they cannot be read, and are asked for again', async () => {
    const stop = facts.watch();
    await settle();
    asked.mockRejectedValueOnce(new Error('busy'));
    facts.changed();
    await settle();
    expect(facts.of('p')?.running).toBe(1);
    facts.changed();
    await settle();
    expect(facts.of('p')?.running).toBe(2);
    stop();
  });

  it('are not read for a window that nobody sees', async () => {
    const stop = facts.watch();
    await settle();
    const seen = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    await vi.advanceTimersByTimeAsync(EVERY_MS * 2);
    expect(asked).toHaveBeenCalledTimes(1);
    seen.mockReturnValue('visible');
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(asked).toHaveBeenCalledTimes(2);
    stop();
  });
});
