import { tick } from 'svelte';
import { t } from '$lib/i18n/en';
import { actionsEn, type ActionId } from '$lib/i18n/actions.en';
import type { Theme } from '$lib/ipc/bindings';
import {
  bindingsOf,
  chordLabel,
  chordsOf,
  mayAct,
  onMac,
  preferenceOf,
  type Chord,
} from '$lib/keys/shortcuts';
import { answerText } from '$lib/stream/text';
import { copyText } from '$lib/ui/clipboard';
import type { IconName } from '$lib/ui/icons';
import { goToRegion } from '$lib/ui/regions';
import type { App, Screen } from './app.svelte';
import { compareActions } from './compareActions';
import { favourable, toggleFavourite } from './favourites';

export type ActionGroup = keyof typeof actionsEn.groups;

export type Action = {
  id: ActionId;
  name: string;
  keywords: string;
  group: ActionGroup;
  icon: IconName;
  /** Its usual keys. */
  keys: readonly Chord[];
  /** A key that is handled where it is pressed, and cannot be changed. */
  fixed?: Chord;
  /** Whether this version of the app has it. */
  exists: () => boolean;
  /** Holding its keys down does it again and again. */
  repeats: boolean;
  /** Whether it would do something now. */
  enabled: () => boolean;
  run: () => void | Promise<void>;
};

type Part = Pick<Action, 'run'> & Partial<Pick<Action, 'keys' | 'fixed' | 'exists' | 'repeats' | 'enabled'>>;

const RECENT = 'palette.recent';
const RECENT_MOST = 5;
const SIZES = [0.5, 0.67, 0.75, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2];
const NEAR = 0.001;

/** Every action of the app, in the order of the lists they stand in, and the keys that start them. */
export class Actions {
  readonly mac = onMac();
  readonly all: readonly Action[];
  readonly #byId: ReadonlyMap<string, Action>;
  readonly #app: App;
  readonly bindings = $derived.by(() => bindingsOf(this.all, this.#app.session?.settings.preferences ?? {}));
  /** Those last started from the palette, the latest first. */
  readonly recent = $derived.by(() => this.#recentIds().flatMap((id) => this.#byId.get(id) ?? []));

  constructor(app: App) {
    this.#app = app;
    this.all = everyAction(app);
    this.#byId = new Map(this.all.map((action) => [action.id, action]));
  }

  byId(id: string): Action | undefined {
    return this.#byId.get(id);
  }

  keysOf(id: string): readonly Chord[] {
    return this.bindings.get(id) ?? [];
  }

  /** Its keys as they stand behind a name in a tooltip: ` (Ctrl+N)`, or nothing. */
  hint(id: string): string {
    const [chord] = this.keysOf(id);
    return chord === undefined ? '' : ` (${chordLabel(chord, this.mac).replaceAll(' ', '+')})`;
  }

  /** Runs what an event asks for. False where it asks for nothing. */
  dispatch(event: KeyboardEvent): boolean {
    const chord = chordsOf(event, this.mac).find((one) => this.#actionAt(one) !== undefined);
    if (chord === undefined || !mayAct(chord, event.target)) return false;
    const action = this.#actionAt(chord);
    if (!action?.enabled()) return false;
    if (action.repeats || !event.repeat) void action.run();
    return true;
  }

  /** Starts an action from the palette, and remembers that. */
  async start(id: string): Promise<void> {
    const action = this.#byId.get(id);
    if (!action?.enabled()) return;
    await action.run();
    if (id === 'palette.open') return;
    const value = [id, ...this.#recentIds().filter((other) => other !== id)].slice(0, RECENT_MOST).join(' ');
    if (value !== this.#recentIds().join(' ')) await this.#prefer(RECENT, value);
  }

  /** Gives an action other keys; null gives back its usual ones. */
  async bind(id: string, chords: readonly Chord[] | null): Promise<void> {
    await this.#prefer(preferenceOf(id), chords === null ? null : chords.join(' '));
  }

  changed(id: string): boolean {
    return Object.hasOwn(this.#app.session?.settings.preferences ?? {}, preferenceOf(id));
  }

  #recentIds(): string[] {
    return (this.#app.session?.settings.preferences[RECENT] ?? '').split(' ').filter(Boolean);
  }

  #prefer(name: string, value: string | null): Promise<void> {
    return this.#app.changeSetting({ preference: { name, value } });
  }

  #actionAt(chord: Chord): Action | undefined {
    return this.all.find((action) => this.keysOf(action.id).includes(chord));
  }
}

function everyAction(app: App): readonly Action[] {
  const make = (id: ActionId, group: ActionGroup, icon: IconName, part: Part): Action => {
    const [name, keywords] = actionsEn.names[id];
    return {
      id,
      name,
      keywords,
      group,
      icon,
      keys: [],
      exists: () => true,
      repeats: false,
      enabled: () => true,
      ...part,
    };
  };
  return [
    ...chatActions(app, make),
    ...compareActions(app, make),
    ...goActions(app, make),
    ...lookActions(app, make),
  ];
}

export type Make = (id: ActionId, group: ActionGroup, icon: IconName, part: Part) => Action;

const lastAnswer = (app: App) => app.session?.chat.lastAnswer;

function chatActions(app: App, make: Make): Action[] {
  const { hooks } = app;
  const stored = () => app.screen === 'chat' && lastAnswer(app) !== undefined;
  const idle = () => stored() && !app.session?.chat.running;
  const hooked = (name: 'previousTurn' | 'nextTurn' | 'findInChat') => ({
    exists: () => hooks.known(name),
    repeats: name !== 'findInChat',
    enabled: () => hooks.get(name) !== undefined,
    run: () => hooks.get(name)?.(),
  });
  return [
    make('chat.new', 'chat', 'plus', { keys: ['Mod+N'], run: () => app.newChat() }),
    make('chat.stop', 'chat', 'stop', {
      fixed: 'Escape',
      enabled: () => app.screen === 'chat' && (app.session?.chat.running ?? false),
      run: () => app.session?.chat.stop(),
    }),
    make('chat.again', 'chat', 'again', {
      keys: ['Mod+Shift+R'],
      enabled: idle,
      run: () => answerAgain(app),
    }),
    make('chat.againWith', 'chat', 'again', {
      enabled: idle,
      run: () => {
        app.picker = { retry: lastAnswer(app)?.id ?? null };
      },
    }),
    make('chat.copyLast', 'chat', 'copy', {
      keys: ['Mod+Shift+C'],
      enabled: stored,
      run: () => copyLast(app),
    }),
    make('chat.delete', 'chat', 'trash', {
      enabled: () => app.screen === 'chat' && app.session?.chat.id != null,
      run: () => {
        const id = app.session?.chat.id;
        return id ? app.deleteChat(id) : undefined;
      },
    }),
    make('chat.undo', 'chat', 'again', {
      keys: ['Mod+Z'],
      enabled: () => app.undo.steps.length > 0,
      run: () => app.undoLast(),
    }),
    make('chat.find', 'chat', 'search', { keys: ['Mod+F'], ...hooked('findInChat') }),
    make('chat.previousTurn', 'chat', 'up', { keys: ['Alt+ArrowUp'], ...hooked('previousTurn') }),
    make('chat.nextTurn', 'chat', 'arrowDown', { keys: ['Alt+ArrowDown'], ...hooked('nextTurn') }),
    make('chat.compose', 'chat', 'pencil', {
      run: async () => {
        app.show('chat');
        await tick();
        app.focusComposer();
      },
    }),
    make('model.choose', 'model', 'spark', { keys: ['Mod+L'], run: () => chooseModel(app) }),
    make('model.favourite', 'model', 'star', {
      enabled: () => favourable(app) !== null,
      run: () => toggleFavourite(app),
    }),
  ];
}

function goActions(app: App, make: Make): Action[] {
  const { hooks } = app;
  const view = (screen: Screen, icon: IconName, keys: Chord[]) =>
    make(`view.${screen}`, 'go', icon, {
      keys,
      run: () => {
        app.show(screen);
        if (screen === 'search') app.session?.search.focus();
      },
    });
  const exchange = (way: 'import' | 'export') => ({
    enabled: () => app.session?.demo === false,
    run: () => {
      app.exchange = way;
    },
  });
  return [
    make('palette.open', 'go', 'search', { keys: ['Mod+K'], run: () => app.openPalette('') }),
    view('chat', 'chat', ['Mod+1']),
    view('compare', 'columns', ['Mod+2']),
    view('providers', 'plug', ['Mod+3']),
    view('routes', 'routes', ['Mod+4']),
    view('costs', 'bars', ['Mod+5']),
    view('search', 'search', ['Mod+6', 'Mod+Shift+F']),
    view('settings', 'sliders', ['Mod+7', 'Mod+,']),
    make('view.list', 'go', 'pane', {
      enabled: () => app.screen === 'chat' && (hooks.get('toggleList') !== undefined || app.narrow),
      run: () => {
        const toggle = hooks.get('toggleList');
        if (toggle) toggle();
        else app.drawerOpen = !app.drawerOpen;
      },
    }),
    view('prices', 'dollar', []),
    view('budgets', 'dollar', []),
    make('view.ranking', 'go', 'podium', { run: () => app.openRanking() }),
    make('budget.add', 'go', 'plus', { run: () => app.session?.budgets.begin() }),
    make('prices.set', 'go', 'plus', {
      enabled: () => (app.session?.providers.items.length ?? 0) > 0,
      run: () => app.session?.prices.begin(),
    }),
    make('provider.add', 'go', 'plus', { run: () => app.addProvider(null) }),
    make('route.new', 'go', 'routes', { run: () => app.newRoute() }),
    make('config.import', 'go', 'download', exchange('import')),
    make('config.export', 'go', 'upload', exchange('export')),
    make('demo.open', 'go', 'play', {
      enabled: () => app.session?.demo === false,
      run: () => app.openDemo(),
    }),
    make('demo.leave', 'go', 'close', {
      enabled: () => app.session?.demo === true,
      run: () => app.leaveDemo(),
    }),
    make('region.next', 'go', 'right', { keys: ['F6'], repeats: true, run: () => goToRegion(1) }),
    make('region.previous', 'go', 'left', { keys: ['Shift+F6'], repeats: true, run: () => goToRegion(-1) }),
  ];
}

function lookActions(app: App, make: Make): Action[] {
  const theme = (to: Theme, icon: IconName) =>
    make(`theme.${to}`, 'look', icon, {
      enabled: () => app.session?.settings.theme !== to,
      run: () => app.setTheme(to),
    });
  const size = () => app.session?.settings.zoom ?? 1;
  return [
    theme('light', 'half'),
    theme('dark', 'half'),
    theme('system', 'half'),
    make('zoom.in', 'look', 'plus', {
      keys: ['Mod++', 'Mod+='],
      repeats: true,
      run: () => zoom(app, nextSize(size(), 1)),
    }),
    make('zoom.out', 'look', 'minus', {
      keys: ['Mod+-'],
      repeats: true,
      run: () => zoom(app, nextSize(size(), -1)),
    }),
    make('zoom.reset', 'look', 'eye', { keys: ['Mod+0'], run: () => zoom(app, 1) }),
    make('help.shortcuts', 'help', 'info', {
      keys: ['?'],
      run: () => {
        app.helpOpen = true;
      },
    }),
  ];
}

/** The next larger or smaller size of the page; the same where there is none. */
export function nextSize(now: number, step: 1 | -1): number {
  const next =
    step > 0 ? SIZES.find((size) => size > now + NEAR) : SIZES.findLast((size) => size < now - NEAR);
  return next ?? now;
}

async function zoom(app: App, to: number): Promise<void> {
  await app.changeSetting({ zoom: to });
  const now = app.session?.settings.zoom ?? 1;
  app.announcement = actionsEn.size(`${Math.round(now * 100)} %`);
}

async function chooseModel(app: App): Promise<void> {
  const add = app.screen === 'compare' ? app.hooks.get('compareAdd') : undefined;
  if (add) return add();
  if (app.screen !== 'chat') {
    app.show('chat');
    await tick();
  }
  app.togglePicker(document.querySelector<HTMLElement>('[data-testid="model-chip"]') ?? undefined);
}

function answerAgain(app: App): Promise<void> | undefined {
  const answer = lastAnswer(app);
  if (!answer) return undefined;
  return app.session?.chat
    .retry(answer.id, null)
    .then((receipt) => (receipt ? app.sent(receipt.summary) : undefined));
}

async function copyLast(app: App): Promise<void> {
  const answer = lastAnswer(app);
  if (!answer) return;
  const copied = await copyText(answerText(answer));
  app.toasts.show(copied ? t.answer.copied : t.answer.copyFailed, { bad: !copied });
}
