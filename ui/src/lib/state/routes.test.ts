import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DryRunInput, DryRunView, RouteInput, RouteView, SwitchPage } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { builtInRoute, usualRules } from '$lib/ipc/fake/routeScenes';
import { QUIET_MS } from './dryRun.svelte';
import { freeName, inputOf, suggestedTargets } from './routeInput';
import { EVERY_MS, Routes, type RoutesBackend } from './routes.svelte';

const route = (id: string, part: Partial<RouteView> = {}): RouteView => ({
  ...builtInRoute(),
  id,
  slug: id,
  name: id,
  builtIn: false,
  ...part,
});

/** Routes that are kept slowly, and what was asked of their keeper. */
function setUp(kept: RouteView[] = [builtInRoute(), route('a'), route('b')]) {
  let held = kept;
  const runs: { input: DryRunInput; answer: (view: DryRunView) => void }[] = [];
  const slow = () => new Promise((resolve) => setTimeout(resolve, 1));
  let fail = false;
  const backend = {
    listRoutes: vi.fn(async () => held),
    saveRoute: vi.fn(async (input: RouteInput) => {
      await slow();
      if (fail) throw new Error('refused');
      const id = input.id ?? 'new';
      const before = held.find((one) => one.id === id) ?? route(id);
      const saved = { ...before, name: input.name, strategy: input.strategy, rules: input.rules };
      held = [...held.filter((one) => one.id !== id), saved];
      return saved;
    }),
    removeRoute: vi.fn(async (id: string) => {
      held = held.filter((one) => one.id !== id);
    }),
    restoreRoute: vi.fn(async (id: string) => {
      held = [...held, route(id)];
      return route(id);
    }),
    dryRunRoute: vi.fn(
      (input: DryRunInput) => new Promise<DryRunView>((answer) => runs.push({ input, answer })),
    ),
    routeSwitches: vi.fn(async (_: string, before: string | null): Promise<SwitchPage> => ({
      switches: [],
      week: 5,
      answers: 412,
      next: before === null ? 'older' : null,
    })),
  } satisfies RoutesBackend;
  const routes = new Routes(backend, held);
  return { backend, routes, runs, failing: (on: boolean) => (fail = on), held: () => held };
}

const line = (at: number): DryRunView => ({ at, lines: [], firstBack: null });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the page of a route', () => {
  it('puts changes that come at once one on top of the other', async () => {
    const { routes } = setUp();
    const page = routes.pageOf(route('a'));
    const all = Promise.all([
      page.rule({ tries: 2 }),
      page.change((input) => ({ ...input, strategy: 'weighted' })),
      page.rule({ failures: 4 }),
    ]);
    await vi.runAllTimersAsync();
    await all;
    const { strategy, rules } = routes.byId('a') as RouteView;
    expect([strategy, rules.tries, rules.failures]).toEqual(['weighted', 2, 4]);
  });

  it('goes on after a change that was refused, and keeps nothing of it', async () => {
    const { routes, failing } = setUp();
    const page = routes.pageOf(route('a'));
    failing(true);
    const refused = expect(page.rule({ tries: 6 })).rejects.toThrow('refused');
    await vi.runAllTimersAsync();
    await refused;
    failing(false);
    const next = page.rule({ failures: 9 });
    await vi.runAllTimersAsync();
    await next;
    expect(page.rules.tries).toBe(usualRules().tries);
    expect(page.rules.failures).toBe(9);
  });

  it('is the same one as long as the window lives, with what was typed', () => {
    const { routes } = setUp();
    expect(routes.pageOf(route('a'))).toBe(routes.pageOf(route('a')));
  });
});

describe('routes', () => {
  it('does not undo a change with a list from before it', async () => {
    const { routes, backend } = setUp();
    const old = routes.items;
    let first: (items: RouteView[]) => void = () => undefined;
    backend.listRoutes.mockImplementationOnce(() => new Promise((resolve) => (first = resolve)));
    const read = routes.refresh();
    const saved = routes.save({ ...inputOf(route('a')), name: 'Renamed' });
    await vi.runAllTimersAsync();
    await saved;
    first(old);
    await read;
    expect(routes.byId('a')?.name).toBe('Renamed');
    expect(backend.listRoutes).toHaveBeenCalledTimes(2);
  });

  it('goes and comes back', async () => {
    const { routes } = setUp();
    routes.selected = 'a';
    await routes.remove('a');
    expect([routes.byId('a'), routes.selected]).toEqual([undefined, null]);
    await routes.restore('a');
    expect([routes.byId('a')?.id, routes.selected]).toEqual(['a', 'a']);
  });

  it('is read from time to time while somebody looks, and not after', async () => {
    const { routes, backend } = setUp();
    const rest = routes.watch();
    await vi.advanceTimersByTimeAsync(EVERY_MS * 2);
    expect(backend.listRoutes).toHaveBeenCalledTimes(3);
    rest();
    await vi.advanceTimersByTimeAsync(EVERY_MS * 3);
    routes.changed();
    expect(backend.listRoutes).toHaveBeenCalledTimes(3);
  });

  it('gives a name that nobody has', () => {
    expect(freeName('Everyday', [])).toBe('Everyday');
    expect(freeName('Everyday', ['everyday ', 'Everyday 2'])).toBe('Everyday 3');
  });

  it('suggests the first model of each provider that is ready', () => {
    const ready = providers().filter((provider) => provider.ready);
    expect(suggestedTargets(ready).map(({ model }) => model)).toEqual([
      'gpt-5.4-mini',
      'llama-3.3-70b-versatile',
      'qwen3-14b',
    ]);
    expect(suggestedTargets(ready.map((provider) => ({ ...provider, dialect: 'human-relay' })))).toEqual([]);
  });

  it('reads older switches behind the newest', async () => {
    const { routes, backend } = setUp();
    const switches = routes.switchesOf('a');
    await switches.load();
    await switches.more();
    await switches.more();
    expect(backend.routeSwitches.mock.calls.map(([, before]) => before)).toEqual([null, 'older']);
    expect(switches.week).toEqual({ week: 5, answers: 412 });
  });
});

describe('a dry run', () => {
  it('asks at once for another route, and in a moment for another word', async () => {
    const { routes, runs } = setUp();
    const { dryRun } = routes;
    dryRun.about(inputOf(route('a')), null);
    expect(runs).toHaveLength(1);
    dryRun.prompt = 'H';
    dryRun.about(inputOf(route('a')), null);
    dryRun.prompt = 'Hello';
    dryRun.about(inputOf(route('a')), null);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect(runs.map(({ input }) => input.prompt)).toEqual(['', 'Hello']);
    dryRun.about(inputOf(route('b')), null);
    expect(runs.at(-1)?.input.route.id).toBe('b');
  });

  it('takes the answer to the last question only', async () => {
    const { routes, runs } = setUp();
    const { dryRun } = routes;
    dryRun.about(inputOf(route('a')), null);
    dryRun.about(inputOf(route('a', { strategy: 'weighted' })), null);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    runs[1]?.answer(line(2));
    await vi.advanceTimersByTimeAsync(0);
    runs[0]?.answer(line(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(dryRun.view?.at).toBe(2);
  });

  it('does not show an answer from before a change, even where it is all there is', async () => {
    const { routes, runs } = setUp();
    routes.dryRun.about(inputOf(route('a')), null);
    routes.dryRun.about(inputOf(route('a', { strategy: 'weighted' })), null);
    runs[0]?.answer(line(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(routes.dryRun.view).toBeNull();
  });

  it('keeps the prompt from route to route, and the answer of none', async () => {
    const { routes, runs } = setUp();
    const { dryRun } = routes;
    dryRun.prompt = 'Hello';
    dryRun.about(inputOf(route('a')), null);
    runs[0]?.answer(line(1));
    await vi.advanceTimersByTimeAsync(0);
    dryRun.rest();
    dryRun.about(inputOf(route('b')), null);
    expect([dryRun.view, runs.at(-1)?.input.prompt]).toEqual([null, 'Hello']);
  });

  it('says what went wrong and keeps what it knew', async () => {
    const { routes, runs, backend } = setUp();
    const { dryRun } = routes;
    dryRun.about(inputOf(route('a')), null);
    runs[0]?.answer(line(1));
    await vi.advanceTimersByTimeAsync(0);
    backend.dryRunRoute.mockRejectedValueOnce(new Error('no'));
    dryRun.about(inputOf(route('a')), null);
    await vi.advanceTimersByTimeAsync(QUIET_MS);
    expect([dryRun.error?.message, dryRun.view?.at]).toEqual(['no', 1]);
  });
});
