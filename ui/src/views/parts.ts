import { Later } from '$lib/state/later.svelte';
import type { Screen } from '$lib/state/app.svelte';

/** What is not needed for the first look at a chat. */
export const parts = {
  firstRun: new Later(() => import('./FirstRun.svelte')),
  recovery: new Later(() => import('./Recovery.svelte')),
  keyQuestions: new Later(() => import('./KeyQuestions.svelte')),
  outside: new Later(() => import('./OutsideQuestions.svelte')),
  picker: new Later(() => import('./ModelPickerPanel.svelte')),
  palette: new Later(() => import('./CommandPalette.svelte')),
  diff: new Later(() => import('$features/diff/DiffDialog.svelte')),
  find: new Later(() => import('$features/search/FindBar.svelte')),
  exchange: new Later(() => import('./ExchangePanel.svelte')),
  help: new Later(() => import('./ShortcutHelp.svelte')),
  budget: new Later(() => import('./BudgetEditor.svelte')),
  price: new Later(() => import('./PriceEditor.svelte')),
};

/** The screens beside the chat. */
export const screenParts = {
  compare: new Later(() => import('./CompareScreen.svelte')),
  providers: new Later(() => import('./ProvidersScreen.svelte')),
  routes: new Later(() => import('./RoutesScreen.svelte')),
  costs: new Later(() => import('./CostsScreen.svelte')),
  search: new Later(() => import('./SearchScreen.svelte')),
  settings: new Later(() => import('./SettingsScreen.svelte')),
  prices: new Later(() => import('./PricesScreen.svelte')),
  budgets: new Later(() => import('./BudgetsScreen.svelte')),
  ranking: new Later(() => import('./RankingScreen.svelte')),
} satisfies Record<Exclude<Screen, 'chat'>, unknown>;

export function bring(screen: Screen): void {
  if (screen !== 'chat') void screenParts[screen].load();
}

/** Brings what will be asked for, once the window has nothing else to do. */
export function preload(): void {
  const all = [
    parts.picker,
    ...Object.values(screenParts),
    parts.palette,
    parts.keyQuestions,
    parts.outside,
    parts.help,
    parts.find,
  ];
  const idle = window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 300));
  const next = () => {
    const part = all.shift();
    if (part) void part.load().then(() => idle(next));
  };
  idle(next);
}
