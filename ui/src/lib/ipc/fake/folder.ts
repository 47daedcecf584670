import type {
  CircuitView,
  ConversationPage,
  Draft,
  MessageView,
  ProviderView,
  SettingChange,
  Settings,
  Shelf,
  SpendView,
} from '../bindings';
import { toModel } from '$lib/targets';
import { manyProviders, marks, providers as someProviders, sharedModels } from './catalogue';
import { emptyDraft, someFiles } from './composing';
import { costProviders, crowd } from './costs/scene';
import {
  chat,
  failedChat,
  longChat,
  mainChat,
  otherChats,
  userMessage,
  zeroSpend,
  type StoredChat,
} from './data';
import { fallbackChat, triesChat, someCircuits } from './fallback';
import { refuse } from './refuse';
import { routeProviders } from './routeScenes';
import { specialChats, specialProviders } from './special';
import { hugeChat, statesChat } from './states';

const PAGE = 50;

const copy = <T>(value: T): T => structuredClone(value);

/** The state of one data folder. */
export class Folder {
  chats: StoredChat[];
  providers: ProviderView[];
  settings: Settings;
  /** What rests, by the ids of providers. */
  circuits: Record<string, CircuitView[]> = {};
  readonly demo: boolean;
  /** Of a chat that was not begun. */
  draft: Draft = emptyDraft();

  constructor(demo: boolean, chats: StoredChat[], providers: ProviderView[], settings: Settings) {
    this.demo = demo;
    this.chats = chats;
    this.providers = providers;
    this.settings = settings;
  }

  change(change: SettingChange): void {
    if (change.preference) {
      const { name, value } = change.preference;
      const { [name]: _, ...rest } = this.settings.preferences;
      this.settings.preferences = value === null ? rest : { ...rest, [name]: value };
    } else if (change.messageLimit !== undefined) this.settings.messageLimitNano = change.messageLimit;
    else this.settings = { ...this.settings, ...change };
  }

  get all(): StoredChat[] {
    return [...this.chats].sort((a, b) => b.summary.touched - a.summary.touched);
  }

  get listed(): StoredChat[] {
    return this.all.filter((stored) => stored.summary.shelf === 'list');
  }

  page(shelf: Shelf, before: number | null): ConversationPage {
    const here = this.all.map((stored) => stored.summary).filter((row) => row.shelf === shelf);
    const pinned = shelf === 'list' && before === null ? here.filter((row) => row.pinned) : [];
    const rows = here.filter(
      (row) => (shelf !== 'list' || !row.pinned) && (before === null || row.touched < before),
    );
    const items = rows.slice(0, PAGE);
    const next = rows.length > PAGE ? (items.at(-1)?.touched ?? null) : null;
    return { pinned: copy(pinned), items: copy(items), next };
  }

  spend(): SpendView {
    return this.chats.reduce(
      (sum, { spend }) => ({
        totalNano: sum.totalNano + spend.totalNano,
        estimatedNano: sum.estimatedNano + spend.estimatedNano,
        unknown: sum.unknown + spend.unknown,
        entries: sum.entries + spend.entries,
      }),
      zeroSpend,
    );
  }

  chat(id: string): StoredChat {
    return (
      this.chats.find((stored) => stored.summary.id === id && stored.summary.shelf !== 'trash') ??
      refuse('not_found')
    );
  }

  holding(messageId: string): { stored: StoredChat; message: MessageView } {
    for (const stored of this.chats) {
      const message = stored.messages.find((known) => known.id === messageId);
      if (message) return { stored, message };
    }
    return refuse('not_found');
  }
}

export function folderFor(scene: string, theme: Settings['theme'], count: number): Folder {
  const usual = toModel({ providerId: 'p-openai', model: 'gpt-5.4-mini' });
  const settings: Settings = {
    theme,
    lastTarget: usual,
    onboarded: true,
    recentTargets: [usual],
    defaultTarget: null,
    zoom: 1,
    preferences: {},
    modelsDev: false,
    recordTraffic: false,
    weeklyPrices: false,
    messageLimitNano: null,
  };
  if (scene === 'first-run')
    return new Folder(false, [], [], { ...settings, lastTarget: null, onboarded: false });
  if (scene === 'empty') return new Folder(false, [], [], { ...settings, lastTarget: null });
  const scenes: Record<string, () => ProviderView[]> = {
    keys: manyProviders,
    models: sharedModels,
    routes: routeProviders,
    fallback: routeProviders,
    special: specialProviders,
    costs: costProviders,
    compare: costProviders,
    crowd,
  };
  const all = (scenes[scene] ?? someProviders)();
  const some = someProviders();
  const chats = [mainChat(some), longChat(some), failedChat(some), ...otherChats()];
  if (scene === 'special') chats.push(...specialChats(all));
  if (scene === 'fallback') chats.push(fallbackChat(all), triesChat(all));
  if (scene === 'huge') chats.push(hugeChat(some));
  if (scene === 'states') chats.push(statesChat(some, someFiles()));
  if (scene === 'many') {
    for (let at = 0; at < count; at += 1) {
      chats.push(
        chat(`Chat number ${at + 1}`, 2 + at * 0.7, marks.openai, 'cloud', [userMessage('Hello')], at * 1e6),
      );
    }
  }
  if (scene === 'nokey') settings.lastTarget = toModel({ providerId: 'p-work', model: 'gpt-5.6' });
  const folder = new Folder(false, chats, all, settings);
  if (scene === 'fallback') {
    folder.circuits = someCircuits(all);
    const router = all.find(({ id }) => id === 'p-router');
    if (router) router.settings.modelMapping = [{ asked: 'gpt-5.4', sent: 'openai/gpt-5.4' }];
  }
  return folder;
}
