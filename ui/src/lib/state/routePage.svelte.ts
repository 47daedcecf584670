import type { RouteInput, RouteRules, RouteTargetInput, RouteView } from '$lib/ipc/bindings';
import { Drafts } from './drafts.svelte';
import { inputOf } from './routeInput';

/** What a page can change of its route. */
export type RouteChanges = {
  byId(id: string): RouteView | undefined;
  save(input: RouteInput): Promise<RouteView>;
};

/** As the core says them: all of them. Only what is sent may leave some out. */
export type Rules = Required<RouteRules>;

/** One route as its page changes it: part by part, each on top of those before it. */
export class RoutePage {
  readonly id: string;
  readonly drafts = new Drafts();
  readonly #changes: RouteChanges;
  #last: Promise<unknown> = Promise.resolve();
  #seen: RouteView;

  constructor(changes: RouteChanges, route: RouteView) {
    this.#changes = changes;
    this.#seen = route;
    this.id = route.id;
  }

  /** As it is kept; as it was last, where it is gone. */
  get view(): RouteView {
    const now = this.#changes.byId(this.id);
    if (now) this.#seen = now;
    return this.#seen;
  }

  get rules(): Rules {
    return this.view.rules as Rules;
  }

  /** Changes a part of it; the rest is sent as it is by then. */
  change(edit: (input: RouteInput) => RouteInput): Promise<RouteView> {
    const work = () => this.#changes.save(edit(inputOf(this.view)));
    // One after the other: each change is sent whole, and an older one must not undo a newer one.
    const done = this.#last.then(work, work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  rule(part: Partial<RouteRules>): Promise<RouteView> {
    return this.change((now) => ({ ...now, rules: { ...now.rules, ...part } }));
  }

  retarget(edit: (targets: RouteTargetInput[]) => RouteTargetInput[]): Promise<RouteView> {
    return this.change((now) => ({ ...now, targets: edit(now.targets) }));
  }
}
