import type { Action, Make } from './actions.svelte';
import type { App } from './app.svelte';
import { newCompare, takeToCompare } from './compareChanges';
import type { Hooks } from './hooks.svelte';

/** What can be done with comparisons. */
export function compareActions(app: App, make: Make): Action[] {
  const { hooks } = app;
  const hooked = (name: keyof Hooks) => ({
    enabled: () => app.screen === 'compare' && hooks.get(name) !== undefined,
    run: () => hooks.get(name)?.(),
  });
  return [
    make('compare.new', 'compare', 'columns', { keys: ['Mod+Shift+N'], run: () => newCompare(app) }),
    make('compare.fromChat', 'compare', 'columns', {
      keys: ['Mod+Shift+Enter'],
      enabled: () => app.screen === 'chat' && app.session?.chat.composer.empty === false,
      run: () => takeToCompare(app),
    }),
    make('compare.send', 'compare', 'up', hooked('compareSend')),
    make('compare.stopAll', 'compare', 'stop', { keys: ['Mod+.'], ...hooked('compareStopAll') }),
    make('compare.add', 'compare', 'plus', hooked('compareAdd')),
    make('compare.rank', 'compare', 'best', hooked('compareRank')),
    make('compare.blind', 'compare', 'eyeOff', hooked('compareBlind')),
    make('compare.reveal', 'compare', 'eye', hooked('compareReveal')),
    make('compare.two', 'compare', 'columns', hooked('compareTwo')),
    make('compare.table', 'compare', 'copy', hooked('compareTable')),
    make('compare.markdown', 'compare', 'download', hooked('compareMarkdown')),
    make('compare.json', 'compare', 'download', hooked('compareJson')),
    make('compare.previousColumn', 'compare', 'left', {
      keys: ['Alt+ArrowLeft'],
      repeats: true,
      ...hooked('previousColumn'),
    }),
    make('compare.nextColumn', 'compare', 'right', {
      keys: ['Alt+ArrowRight'],
      repeats: true,
      ...hooked('nextColumn'),
    }),
  ];
}
