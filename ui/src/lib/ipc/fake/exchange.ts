import type { Backend } from '../backend';
import type { ImportedProvider, ImportView, ProviderView, TrafficView } from '../bindings';
import { marks, noKey, noSettings } from './catalogue';
import { fresh } from './data';
import { refuse } from './refuse';
import type { FakeStores } from './stores';

type Part = Pick<
  Backend,
  'previewImport' | 'importConfig' | 'exportConfig' | 'traffic' | 'exportTraffic' | 'clearTraffic'
>;

const OPENS = 'open sesame';

const some: Omit<ImportedProvider, 'replaces'>[] = [
  {
    name: 'work-openai',
    vendor: 'openai',
    vendorName: 'OpenAI',
    mark: marks.openai,
    category: 'cloud',
    baseUrl: 'https://api.openai.com/v1',
    keys: 2,
  },
  {
    name: 'harbor',
    vendor: 'openai-compatible',
    vendorName: 'OpenAI-compatible',
    mark: marks.compatible,
    category: 'specialised',
    baseUrl: 'https://llm.harbor.example/v1',
    keys: 1,
  },
];

const local: Omit<ImportedProvider, 'replaces'> = {
  name: 'a-server-of-the-harbor-team-with-a-name-that-is-longer-than-its-row-and-goes-on',
  vendor: 'ollama',
  vendorName: 'Ollama',
  mark: marks.ollama,
  category: 'local',
  baseUrl: 'http://127.0.0.1:11434',
  keys: 0,
};

const notes: ImportView['notes'] = [
  { path: 'providers[0].accounts[1].key', code: 'variableUnset', detail: 'OPENAI_API_KEY_WORK' },
  { path: 'providers[1].type', code: 'unknownVendor', detail: 'openai-compatible' },
  { path: 'providers[1].rate_limits.requests', code: 'badValue', detail: '1 to 1000000' },
  { path: 'providers[1].base_url', code: 'inClear', detail: null },
  { path: 'request_timeout', code: 'moved', detail: 'timeout.first_event_s' },
  { path: 'token_refresh_interval', code: 'leftOut', detail: null },
  { path: 'llm.fallback.strategy', code: 'leftOut', detail: null },
];

const routesIn: ImportView['routes'] = [
  { name: 'Harbor first', slug: 'harbor-first', strategy: 'priority', targets: 2, replaces: false },
  { name: '', slug: 'in-my-order', strategy: 'lowestCost', targets: 0, replaces: true },
];

/** Of a sealed text what the passphrase gives; of another one itself. */
function opened(text: string, passphrase: string | null): string {
  if (!text.includes('BEGIN AGE')) return text;
  if (passphrase === null) refuse('invalid', { field: 'passphrase', cause: 'required' });
  if (passphrase !== OPENS) refuse('secret', { cause: 'wrong_passphrase' });
  return 'providers';
}

/**
 * Configuration in and out, and recorded traffic. What a text holds: `servers` only a local one, `colour` a word that
 * is not known, `many` four hundred providers; `providers` the usual two.
 */
export function fakeExchange(
  holder: () => { providers: ProviderView[] },
  stores: FakeStores,
  recording: () => boolean,
): Part {
  const kept: Omit<TrafficView, 'recording'> = { exchanges: 48, bytes: 3_400_000, mostBytes: 268_435_456 };

  const read = (given: string, passphrase: string | null): ImportView => {
    const text = opened(given, passphrase);
    if (text.includes('colour')) {
      refuse('invalid', { field: 'text', cause: 'unknown_key', message: 'line 3: unknown key: colour' });
    }
    if (!/providers|servers|many/.test(text)) {
      refuse('invalid', { field: 'text', cause: 'not_readable', message: 'line 1: this is neither' });
    }
    const found = text.includes('servers') ? [local] : [...some, ...(text.includes('[llm') ? [local] : [])];
    const names = new Set(holder().providers.map(({ name }) => name));
    const all = text.includes('many')
      ? Array.from({ length: 400 }, (_, at) => ({ ...local, name: `server-${at + 1}` }))
      : found;
    return {
      format: text.trimStart().startsWith('{')
        ? 'providersJson'
        : text.includes('[llm')
          ? 'llmToml'
          : 'parlance',
      providers: all.map((one) => ({ ...one, replaces: names.has(one.name) })),
      routes: text.includes('[[routes]]') ? routesIn : [],
      budgets: text.includes('[[budgets]]') ? 2 : 0,
      prices: text.includes('[[prices]]') ? 1 : 0,
      notes: text.includes('servers') ? [] : notes,
      done: false,
    };
  };

  const provider = (one: ImportedProvider, store: string): ProviderView => ({
    id: fresh('p'),
    vendor: one.vendor,
    name: one.name,
    category: one.category,
    mark: one.mark,
    baseUrl: one.baseUrl,
    dialect: 'openai-chat',
    enabled: true,
    accounts: Array.from({ length: Math.max(1, one.keys) }, (_, at) => ({
      id: fresh('a'),
      label: one.keys > 1 ? `Key ${at + 1}` : '',
      enabled: true,
      identity: null,
      key: one.keys === 0 ? { ...noKey } : { ...noKey, store, status: 'ready' as const },
    })),
    ready: true,
    keyNeed: one.keys === 0 ? 'optional' : 'required',
    defaultModel: null,
    models: [],
    modelsFetchedAt: null,
    settings: noSettings(),
    secrets: [],
    inClear: false,
  });

  return {
    async previewImport({ text, passphrase }) {
      return read(text, passphrase);
    },
    async importConfig({ text, passphrase, store }) {
      const view = read(text, passphrase);
      if (store === 'keyring') await stores.enterKeyring();
      if (store === 'vault') stores.enterVault();
      for (const one of view.providers) {
        if (!one.replaces) holder().providers.push(provider(one, store));
      }
      return { ...view, done: true };
    },
    async exportConfig({ passphrase }) {
      if (passphrase !== null && passphrase.length < 8) {
        refuse('invalid', { field: 'passphrase', cause: 'too_short' });
      }
      const path = `/home/person/Downloads/parlance-config.toml${passphrase === null ? '' : '.age'}`;
      return { path, count: holder().providers.length, keysMissing: passphrase === null ? 0 : 1 };
    },
    async traffic() {
      return { recording: recording(), ...kept };
    },
    async exportTraffic() {
      return { path: '/home/person/Downloads/parlance-traffic', count: kept.exchanges, keysMissing: 0 };
    },
    async clearTraffic() {
      Object.assign(kept, { exchanges: 0, bytes: 0 });
      return { recording: recording(), ...kept };
    },
  };
}
