import { describe, expect, it, vi } from 'vitest';
import { demoProvider } from '$lib/ipc/fake/catalogue';
import type { ProviderInput, ProviderSettings, ProviderView } from '$lib/ipc/bindings';
import { ProviderPage } from './providerPage.svelte';

/** A provider that is changed slowly, and says what it was asked. */
function setUp(over: Partial<ProviderView> = {}) {
  let held: ProviderView | undefined = { ...demoProvider(), baseUrl: 'https://a.example/v1', ...over };
  const sent: ProviderInput[] = [];
  let fail = false;
  const slow = () => new Promise((resolve) => setTimeout(resolve, 0));
  const changes = {
    byId: () => held,
    save: vi.fn(async (input: ProviderInput) => {
      await slow();
      sent.push(input);
      held = { ...(held as ProviderView), name: input.name, baseUrl: input.baseUrl };
      return held;
    }),
    saveSettings: vi.fn(async (_id: string, settings: ProviderSettings) => {
      await slow();
      if (fail) throw new Error('refused');
      held = { ...(held as ProviderView), settings };
      return held;
    }),
  };
  const page = new ProviderPage(changes, held);
  return {
    page,
    changes,
    sent,
    held: () => held,
    gone: () => (held = undefined),
    failing: (on: boolean) => (fail = on),
  };
}

describe('the page of a provider', () => {
  it('puts changes that come at once one on top of the other', async () => {
    const { page, held } = setUp();
    await Promise.all([
      page.configure((now) => ({ ...now, probes: true })),
      page.configure((now) => ({ ...now, limits: { ...now.limits, concurrent: 4 } })),
      page.configure((now) => ({ ...now, limits: { ...now.limits, requestsPerMinute: 50 } })),
    ]);
    const { settings } = held() as ProviderView;
    expect([settings.probes, settings.limits.concurrent, settings.limits.requestsPerMinute]).toEqual([
      true,
      4,
      50,
    ]);
  });

  it('goes on after a change that was refused', async () => {
    const { page, held, failing } = setUp();
    failing(true);
    await expect(page.configure((now) => ({ ...now, probes: true }))).rejects.toThrow('refused');
    failing(false);
    await page.configure((now) => ({ ...now, promptCache: true }));
    expect(held()?.settings).toMatchObject({ probes: false, promptCache: true });
  });

  it('asks anew whether a key may travel in clear to another address, and only then', async () => {
    const { page, sent } = setUp({ inClear: true, baseUrl: 'http://a.example' });
    await page.amend({ name: 'Lab' });
    await page.amend({ baseUrl: 'http://b.example' });
    await page.amend({ baseUrl: 'http://c.example', inClear: true });
    expect(sent.map(({ inClear }) => inClear)).toEqual([true, false, true]);
    expect(sent.map(({ name }) => name)).toEqual(['Lab', 'Lab', 'Lab']);
  });

  it('still shows what was there where the provider is gone', () => {
    const { page, gone } = setUp();
    expect(page.view.name).toBe('Demo');
    gone();
    expect(page.view.name).toBe('Demo');
  });
});
