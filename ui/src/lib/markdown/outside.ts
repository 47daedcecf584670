import { getContext, setContext } from 'svelte';

/** The ways out of a message. Nothing in it opens or loads anything but through these, after a click. */
export type Outside = {
  /** Asks whether to open an address, with its real host, and opens it. */
  openLink(url: string): void;
  /** Fetches a picture; the answer is a `blob:` or `data:` address. */
  loadImage(url: string): Promise<string>;
};

const KEY = Symbol('outside');

export function setOutside(outside: Outside): void {
  setContext(KEY, outside);
}

/** Undefined where nobody can open anything: addresses are then shown, and nothing can be clicked. */
export function getOutside(): Outside | undefined {
  return getContext<Outside | undefined>(KEY);
}
