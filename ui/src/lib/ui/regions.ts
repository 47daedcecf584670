const FIRST =
  'textarea, [aria-current], [data-row][tabindex="0"], [role="log"], button:not(:disabled):not([tabindex="-1"]), input:not([tabindex="-1"])';

/** Moves the focus to the next or previous part of the window: rail, pane, main, composer. */
export function goToRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  const at = regions.findLastIndex((known) => known.contains(document.activeElement));
  for (let tried = 1; tried <= regions.length; tried += 1) {
    const next = regions[(((at + step * tried) % regions.length) + regions.length) % regions.length];
    const first = next?.querySelector<HTMLElement>(FIRST);
    first?.focus();
    // A region with nothing to hold the focus is passed by.
    if (first && document.activeElement === first) return;
  }
}
