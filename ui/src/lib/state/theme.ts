import type { Theme } from '$lib/ipc/bindings';

const HINT = 'parlance.theme';

/** Puts a theme on the page, and leaves a hint so that the next start paints in it at once. */
export function showTheme(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  try {
    localStorage.setItem(HINT, theme);
  } catch {
    // A page without storage only loses the hint.
  }
}

/** The theme of the last time, before the settings are read. */
export function showLastTheme(): void {
  try {
    const last = localStorage.getItem(HINT);
    if (last === 'light' || last === 'dark') document.documentElement.dataset.theme = last;
  } catch {
    // The settings follow in a moment.
  }
}
