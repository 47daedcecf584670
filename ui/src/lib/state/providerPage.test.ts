import { describe, expect, it, vi } from 'vitest';
import { demoProvider } from '$lib/ipc/fake/catalogue';
import type { ProviderInput, ProviderSettings, ProviderView } from '$lib/ipc/bindings';
import { BackendError } from '$lib/ipc/errors';
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

  describe('with a key that would travel in clear', () => {
    const clear = new BackendError({
      code: 'invalid',
      cause: 'in_clear',
      category: null,
      message: 'in_clear',
      field: 'baseUrl',
      status: null,
    });

    /** Refuses plain addresses that nobody agreed to. */
    function careful() {
      const all = setUp({ inClear: true, baseUrl: 'http://a.example' });
      const save = all.changes.save.getMockImplementation();
      all.changes.save.mockImplementation(async (input) => {
        if (input.baseUrl.startsWith('http:') && !input.inClear) throw clear;
        if (!save) throw new Error('no save');
        return save(input);
      });
      return all;
    }
    const asked = async (page: ProviderPage) => {
      await vi.waitFor(() => expect(page.question).not.toBeNull());
      if (!page.question) throw new Error('no question');
      return page.question;
    };

    it('never says so by itself, also of one that says so already', async () => {
      const { page, sent } = setUp({ inClear: true, baseUrl: 'http://a.example' });
      await page.amend({ name: 'Lab' });
      expect(sent.map(({ inClear }) => inClear)).toEqual([false]);
    });

    it('asks, and sends in clear, with https or not at all, as the person says', async () => {
      const { page, sent } = careful();
      page.show();
      const first = page.amend({ baseUrl: 'http://b.example/v1' });
      const question = await asked(page);
      expect(question.url).toBe('http://b.example/v1');
      question.answer('clear');
      await first;
      const second = page.amend({ baseUrl: 'http://c.example/v1' });
      (await asked(page)).answer('https');
      await second;
      const third = page.amend({ baseUrl: 'http://d.example/v1' });
      (await asked(page)).answer(null);
      await expect(third).rejects.toBe(clear);
      expect(sent.map(({ baseUrl, inClear }) => [baseUrl, inClear])).toEqual([
        ['http://b.example/v1', true],
        ['https://c.example/v1', false],
      ]);
      expect(page.question).toBeNull();
    });

    it('asks nobody who is not there, and goes away with the page', async () => {
      const { page } = careful();
      await expect(page.amend({ name: 'Lab' })).rejects.toBe(clear);
      const hide = page.show();
      const open = page.amend({ name: 'Lab' });
      await asked(page);
      hide();
      await expect(open).rejects.toBe(clear);
    });
  });

  it('still shows what was there where the provider is gone', () => {
    const { page, gone } = setUp();
    expect(page.view.name).toBe('Demo');
    gone();
    expect(page.view.name).toBe('Demo');
  });
});
