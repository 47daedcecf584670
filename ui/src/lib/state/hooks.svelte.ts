import { SvelteSet } from 'svelte/reactivity';

/** What features offer while they are on the screen; an action without its hook is not enabled. */
export type Hooks = {
  /** Goes to the turn before the one in view. */
  previousTurn?: () => void;
  nextTurn?: () => void;
  /** Opens the field that finds in the open chat. */
  findInChat?: () => void;
  /** Shows or hides the chat list beside the chat. */
  toggleList?: () => void;
  /** What can be done with the comparison on the screen. */
  compareSend?: () => void;
  compareStopAll?: () => void;
  compareAdd?: () => void;
  compareRank?: () => void;
  compareBlind?: () => void;
  compareReveal?: () => void;
  compareTable?: () => void;
  compareMarkdown?: () => void;
  compareJson?: () => void;
  compareTwo?: () => void;
  previousColumn?: () => void;
  nextColumn?: () => void;
};

export class HookBoard {
  #held = $state<Hooks>({});
  readonly #known = new SvelteSet<keyof Hooks>();

  get<K extends keyof Hooks>(name: K): Hooks[K] {
    return this.#held[name];
  }

  /** Whether it was ever offered: whether this version of the app has it. */
  known(name: keyof Hooks): boolean {
    return this.#known.has(name);
  }

  /** Offers a function until the returned one is called: `$effect(() => app.hooks.offer('nextTurn', run))`. */
  offer<K extends keyof Hooks>(name: K, run: NonNullable<Hooks[K]>): () => void {
    this.#known.add(name);
    this.#held[name] = run;
    return () => {
      if (this.#held[name] === run) delete this.#held[name];
    };
  }
}
