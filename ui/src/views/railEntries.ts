import { t } from '$lib/i18n/en';
import type { Screen } from '$lib/state/app.svelte';
import type { IconName } from '$lib/ui/icons';

/** The views in the order of the rail, which is that of Ctrl 1, Ctrl 2 and so on. */
export const railEntries: { screen: Screen; icon: IconName; label: string }[] = [
  { screen: 'chat', icon: 'chat', label: t.nav.chat },
  { screen: 'compare', icon: 'columns', label: t.nav.compare },
  { screen: 'providers', icon: 'plug', label: t.nav.providers },
  { screen: 'routes', icon: 'routes', label: t.nav.routes },
  { screen: 'costs', icon: 'bars', label: t.nav.costs },
  { screen: 'search', icon: 'search', label: t.nav.search },
  { screen: 'settings', icon: 'sliders', label: t.nav.settings },
];

/** Screens without an entry of their own, and the entry they belong to. */
const under: Partial<Record<Screen, Screen>> = { prices: 'costs', budgets: 'costs', ranking: 'compare' };

/** The view of the rail that a screen belongs to. */
export const viewOf = (screen: Screen): Screen => under[screen] ?? screen;
