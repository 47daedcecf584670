import type { Backend } from '$lib/ipc/backend';
import type {
  Bootstrap,
  ChatTarget,
  ConversationSummary,
  RelayView,
  Settings,
  SpendView,
  Target,
} from '$lib/ipc/bindings';
import { askedBy, isSame, modelOf, toModel } from '$lib/targets';
import { Budgets } from './budgets.svelte';
import { ChatList } from './chatList.svelte';
import type { Surroundings } from './composer.svelte';
import type { OpenCompare } from './compare/openCompare.svelte';
import { suggestedLanes } from './compare/suggested';
import { Comparisons } from './comparisons.svelte';
import { Composers } from './composers.svelte';
import { Connecting } from './connecting.svelte';
import { Costs } from './costs.svelte';
import { KeyStores } from './keyStores.svelte';
import { OpenChat } from './openChat.svelte';
import { Preferences } from './preferences.svelte';
import { Prices } from './prices.svelte';
import { Providers } from './providers.svelte';
import { Ranking } from './ranking.svelte';
import { Relays } from './relays.svelte';
import { Routes } from './routes.svelte';
import type { Runs } from './runs.svelte';
import { Search } from './search.svelte';
import { Unpriced } from './unpriced.svelte';

/** As many as the core keeps. */
const RECENT_TARGETS = 8;

/** Data of one data folder; opening or leaving the demo makes a new one. */
export class Session {
  readonly version: string;
  readonly demo: boolean;
  readonly dataDir: string;
  settings = $state<Settings>() as Settings;
  spend = $state<SpendView>() as SpendView;
  readonly list: ChatList;
  readonly preferences: Preferences;
  readonly providers: Providers;
  readonly routes: Routes;
  readonly keys: KeyStores;
  readonly connecting: Connecting;
  readonly composers: Composers;
  readonly search: Search;
  readonly costs: Costs;
  readonly relays: Relays;
  readonly prices: Prices;
  readonly unpriced: Unpriced;
  readonly budgets: Budgets;
  readonly ranking: Ranking;
  readonly compare: Comparisons;
  chat = $state<OpenChat>() as OpenChat;

  constructor(
    backend: Backend,
    runs: Runs,
    boot: Bootstrap,
    complain: (thrown: unknown) => void,
    deliver: Surroundings['deliver'],
    /** A prompt waits for the person to carry it. */
    carry: (relay: RelayView) => void,
    /** A prompt of a comparison went out, or an answer of one is asked for again. */
    compareSent: (compare: OpenCompare, summary: ConversationSummary) => void,
  ) {
    this.version = boot.version;
    this.demo = boot.demo;
    this.dataDir = boot.dataDir;
    this.settings = boot.settings;
    this.spend = boot.spend;
    this.preferences = new Preferences(
      () => this.settings.preferences,
      async (preference) => (this.settings = await backend.changeSetting({ preference })).preferences,
    );
    this.list = new ChatList(backend, boot.conversations);
    this.providers = new Providers(backend, boot.providers);
    this.routes = new Routes(backend, boot.routes);
    this.keys = new KeyStores(backend, () => void this.providers.refresh().catch(complain));
    this.connecting = new Connecting(this.providers, this.keys);
    const busy = (id: string | null) =>
      (id !== null && runs.ofConversation(id) !== undefined) || (this.chat.id === id && this.chat.sending);
    this.composers = new Composers({ backend, busy, deliver, complain }, boot.draft);
    this.chat = new OpenChat(backend, runs, this.firstTarget(), this.composers.forNew());
    this.search = new Search(backend);
    this.costs = new Costs(backend);
    this.relays = new Relays(backend, carry, complain);
    this.prices = new Prices(backend);
    this.unpriced = new Unpriced(backend);
    this.budgets = new Budgets(backend);
    this.ranking = new Ranking(backend);
    this.compare = new Comparisons({
      backend,
      runs,
      complain,
      sent: compareSent,
      suggest: () =>
        suggestedLanes(
          this.providers.working,
          this.settings.recentTargets.flatMap((target) => modelOf(target) ?? []),
        ),
    });
  }

  /** The chat that was changed last, for those who go on where they were. */
  get lastChat(): string | null {
    const { preferences, list } = this;
    if (preferences.get('start-with') === 'new') return null;
    const rows = [list.pinned[0], list.shelves.list.items[0]].flatMap((row) => row ?? []);
    return rows.sort((a, b) => b.touched - a.touched)[0]?.id ?? null;
  }

  /** Whether it is still there to be asked. */
  offers(target: ChatTarget): boolean {
    if (target.kind === 'route') return this.routes.byId(target.routeId) !== undefined;
    return this.providers.byId(target.providerId)?.enabled === true;
  }

  /** Whether a message could be sent to it now. What only rests may be tried. */
  usable(target: ChatTarget): boolean {
    const { providers } = this;
    if (target.kind === 'model') {
      const provider = providers.byId(target.providerId);
      return provider !== undefined && providers.usable(provider);
    }
    const route = this.routes.byId(target.routeId);
    if (!route) return false;
    return askedBy(route, target.model, providers.items).some((provider) => providers.usable(provider));
  }

  /** What a new chat begins with: what the person chose for it, else the one before, else the first on offer. */
  firstTarget(before: ChatTarget | null = this.settings.lastTarget): ChatTarget | null {
    for (const wanted of [this.settings.defaultTarget, before]) {
      if (wanted && this.offers(wanted)) return wanted;
    }
    const { first } = this.providers;
    return first && toModel(first);
  }

  usedLast(target: ChatTarget): void {
    const { settings } = this;
    settings.lastTarget = target;
    const others = settings.recentTargets.filter((known) => !isSame(known, target));
    settings.recentTargets = [target, ...others].slice(0, RECENT_TARGETS);
  }

  /** The next chats begin with this model: its provider comes first, and it comes first there. */
  async startWith({ providerId, model }: Target): Promise<void> {
    const { providers } = this;
    const provider = providers.byId(providerId);
    if (!provider) return;
    const { id, vendor, name, baseUrl, enabled, inClear } = provider;
    await providers.save({ id, vendor, name, baseUrl, enabled, defaultModel: model, inClear, fields: {} });
    const others = providers.items.map((item) => item.id).filter((other) => other !== id);
    if (providers.items[0]?.id !== id) await providers.order([id, ...others]);
  }
}
