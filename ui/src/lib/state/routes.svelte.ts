import type { Backend } from '$lib/ipc/backend';
import type { RouteInput, RouteView } from '$lib/ipc/bindings';
import { DryRun } from './dryRun.svelte';
import { inputOf } from './routeInput';
import { RoutePage } from './routePage.svelte';
import { Switches } from './switches.svelte';

/** What changes without a word, as the end of a rest, is looked at so often. */
export const EVERY_MS = 15_000;

export type RoutesBackend = Pick<
  Backend,
  'listRoutes' | 'saveRoute' | 'removeRoute' | 'restoreRoute' | 'dryRunRoute' | 'routeSwitches'
>;

/** The routes, the built-in one first. */
export class Routes {
  items = $state.raw<RouteView[]>([]);
  /** The route whose page is open; absent for the first of the person's own. */
  selected = $state<string | null>(null);
  /** A new one is asked for, from elsewhere than its page. */
  wanted = $state(false);
  /** What is tried out is kept from route to route. */
  readonly dryRun: DryRun;

  readonly #backend: RoutesBackend;
  readonly #pages = new Map<string, RoutePage>();
  #changes = 0;
  #watchers = 0;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(backend: RoutesBackend, items: RouteView[]) {
    this.#backend = backend;
    this.items = items;
    this.dryRun = new DryRun(backend);
  }

  byId(id: string): RouteView | undefined {
    return this.items.find((route) => route.id === id);
  }

  get builtIn(): RouteView | undefined {
    return this.items.find((route) => route.builtIn);
  }

  /** Those that a person made. */
  get own(): RouteView[] {
    return this.items.filter((route) => !route.builtIn);
  }

  /** Reads all again: what rests changes by itself. */
  async refresh(): Promise<void> {
    let before: number;
    let items: RouteView[];
    do {
      before = this.#changes;
      items = await this.#backend.listRoutes();
      // A list from before a change would undo it on the screen.
    } while (before !== this.#changes);
    this.items = items;
  }

  /** Reads them now and from time to time, until the returned function is called. */
  watch(): () => void {
    this.#watchers += 1;
    this.#quietly();
    this.#clock ??= setInterval(() => {
      if (document.visibilityState === 'visible') this.#quietly();
    }, EVERY_MS);
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      clearInterval(this.#clock);
      this.#clock = undefined;
    };
  }

  /** Something happened that they tell of. Nobody looks: nothing is read. */
  changed(): void {
    if (this.#watchers > 0) this.#quietly();
  }

  async save(input: RouteInput): Promise<RouteView> {
    return this.#put(await this.#backend.saveRoute(input));
  }

  /** A route of its own that begins as another is. */
  duplicate(route: RouteView, name: string): Promise<RouteView> {
    return this.save({ ...inputOf(route), id: null, name });
  }

  async remove(id: string): Promise<void> {
    await this.#backend.removeRoute(id);
    this.#changes += 1;
    this.items = this.items.filter((route) => route.id !== id);
    if (this.selected === id) this.selected = null;
  }

  async restore(id: string): Promise<void> {
    await this.#backend.restoreRoute(id);
    this.#changes += 1;
    // It is again where it was among the others.
    await this.refresh();
    this.selected = id;
  }

  /** What was typed into the page of a route and is not kept yet lives as long as the window. */
  pageOf(route: RouteView): RoutePage {
    const known = this.#pages.get(route.id);
    if (known) return known;
    const page = new RoutePage(this, route);
    this.#pages.set(route.id, page);
    return page;
  }

  switchesOf(id: string): Switches {
    return new Switches(this.#backend, id);
  }

  #put(route: RouteView): RouteView {
    this.#changes += 1;
    this.items = this.items.some(({ id }) => id === route.id)
      ? this.items.map((known) => (known.id === route.id ? route : known))
      : [...this.items, route];
    return route;
  }

  // What cannot be read now stays as it was; the next look asks again.
  #quietly(): void {
    this.refresh().catch(() => undefined);
  }
}
