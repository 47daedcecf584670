import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fakeBackend } from '$lib/ipc/fake/backend';
import { App } from './app.svelte';
import { removeBudget } from './money';

async function started(query: string) {
  history.replaceState(null, '', '/');
  const app = new App(fakeBackend(new URLSearchParams(`scene=costs&pace=1&${query}`)));
  await app.start();
  const { session } = app;
  if (!session) throw new Error('no session');
  await session.budgets.read();
  return { app, session, backend: app.backend };
}

const settled = () => vi.waitFor(() => expect(app.app.session?.chat.sending).toBe(false));
let app: Awaited<ReturnType<typeof started>>;

beforeEach(() => {
  vi.spyOn(window, 'requestAnimationFrame').mockImplementation((run) => {
    run(0);
    return 0;
  });
});

describe('a message that a budget asks about', () => {
  beforeEach(async () => {
    app = await started('budgets=ask');
  });

  test('stays in the field, and goes out once it is let pass', async () => {
    const { session, backend } = app;
    const { chat } = session;
    const send = vi.spyOn(backend, 'send');
    chat.composer.text = 'Is it worth it?';
    chat.composer.submit();
    await vi.waitFor(() => expect(chat.refusal?.code).toBe('over_budget'));
    expect(chat.composer.text).toBe('Is it worth it?');
    expect(send.mock.calls[0]?.[0].overBudget).toBe(false);
    chat.composer.text = 'Is it worth it, though?';
    await chat.anyway?.();
    await settled();
    expect(send.mock.calls[1]?.[0]).toMatchObject({ text: 'Is it worth it, though?', overBudget: true });
    expect(chat.refusal).toBeNull();
    expect(chat.anyway).toBeNull();
    expect(chat.composer.text).toBe('');
    // This once: the next one is asked about again.
    await vi.waitFor(() => expect(chat.running).toBe(false));
    chat.composer.text = 'And this?';
    chat.composer.submit();
    await vi.waitFor(() => expect(chat.refusal?.code).toBe('over_budget'));
    expect(send.mock.calls[2]?.[0].overBudget).toBe(false);
  });

  test('is let pass as an answer asked again, too', async () => {
    const { session, backend, app: window } = app;
    await window.openChat(session.list.shelves.list.items[0]?.id ?? '');
    const { chat } = session;
    const retry = vi.spyOn(backend, 'retry');
    await chat.retry(chat.lastAnswer?.id ?? '', null);
    expect(chat.refusal?.budgets[0]?.mayPass).toBe(true);
    expect(await chat.anyway?.()).not.toBeNull();
    expect(retry.mock.calls.map(([, , overBudget]) => overBudget)).toEqual([false, true]);
  });

  test('waits in line where it stood there, and goes out of it', async () => {
    const { session } = app;
    const { chat } = session;
    chat.composer.text = 'First';
    chat.composer.submit();
    await vi.waitFor(() => expect(chat.anyway).not.toBeNull());
    await chat.anyway?.();
    await vi.waitFor(() => expect(chat.running).toBe(true));
    chat.composer.text = 'Second';
    expect(chat.composer.submit()).toBe('queued');
    await vi.waitFor(() => expect(chat.refusal?.code).toBe('over_budget'), { timeout: 5000 });
    expect(chat.composer.queue.map(({ text }) => text)).toEqual(['Second']);
    chat.composer.text = 'Being written';
    await chat.anyway?.();
    await vi.waitFor(() => expect(chat.composer.queue).toEqual([]));
    expect(chat.composer.text).toBe('Being written');
  });

  test('means nothing any more once the budget is another', async () => {
    const { session, app: window } = app;
    const { chat } = session;
    chat.composer.text = 'Is it worth it?';
    chat.composer.submit();
    await vi.waitFor(() => expect(chat.anyway).not.toBeNull());
    const [budget] = session.budgets.items;
    if (!budget) throw new Error('no budget');
    await removeBudget(window, budget);
    expect(chat.refusal).toBeNull();
    expect(chat.anyway).toBeNull();
    expect(session.budgets.items).toEqual([]);
    await window.undo.last();
    expect(session.budgets.items).toMatchObject([{ limitNano: budget.limitNano, atLimit: 'ask' }]);
  });
});

describe('a budget that stops', () => {
  test('lets nobody pass', async () => {
    app = await started('budgets=stop');
    const { chat } = app.session;
    chat.composer.text = 'Is it worth it?';
    chat.composer.submit();
    await vi.waitFor(() => expect(chat.refusal?.code).toBe('over_budget'));
    expect(chat.anyway).toBeNull();
    expect(chat.composer.text).toBe('Is it worth it?');
  });
});

describe('a share that is passed', () => {
  test('is told once, with a way to the budgets', async () => {
    app = await started('budgets=near');
    const { session, app: window } = app;
    const { chat } = session;
    chat.composer.text = 'Go on';
    chat.composer.submit();
    await vi.waitFor(() => expect(window.toasts.items).toHaveLength(1), { timeout: 5000 });
    const [toast] = window.toasts.items;
    expect(toast?.text).toMatch(/^80 % of the monthly budget for everything is spent: \$/);
    toast?.action?.run();
    expect(window.screen).toBe('budgets');
  });
});

describe('a model without a price', () => {
  test('is asked about until "not now"', async () => {
    app = await started('');
    const { unpriced } = app.session;
    await unpriced.read();
    const [model] = unpriced.open;
    if (!model) throw new Error('every model has a price');
    await unpriced.dismiss(model);
    expect(unpriced.open).not.toContainEqual(expect.objectContaining({ model: model.model }));
    await unpriced.read();
    expect(unpriced.of(model.providerId, model.model)?.asked).toBe(true);
  });
});
