import type {
  AccountView,
  KeyState,
  Mark,
  ModelView,
  ProviderSettings,
  ProviderView,
  VendorView,
} from '../bindings';
import { unknownCan } from '../unknownCan';

export const marks = {
  openai: { letters: 'Oa', hue: 'jade', hatched: false },
  groq: { letters: 'Gq', hue: 'rose', hatched: false },
  router: { letters: 'Or', hue: 'plum', hatched: false },
  anthropic: { letters: 'An', hue: 'clay', hatched: false },
  gemini: { letters: 'Gm', hue: 'sky', hatched: false },
  mistral: { letters: 'Mi', hue: 'gold', hatched: false },
  deepseek: { letters: 'Ds', hue: 'olive', hatched: false },
  moonshot: { letters: 'Mo', hue: 'clay', hatched: true },
  compatible: { letters: 'Oc', hue: 'graphite', hatched: false },
  ollama: { letters: 'Ol', hue: 'graphite', hatched: false },
  studio: { letters: 'Lm', hue: 'graphite', hatched: false },
  llama: { letters: 'Lc', hue: 'graphite', hatched: false },
  vllm: { letters: 'Vl', hue: 'graphite', hatched: false },
  demo: { letters: 'De', hue: 'graphite', hatched: false },
} satisfies Record<string, Mark>;

export const noSettings = (): ProviderSettings => ({
  fields: {},
  headers: [],
  timeouts: { connectS: null, firstEventS: null, idleS: null, progressS: null },
  limits: { requestsPerMinute: null, tokensPerMinute: null, concurrent: null },
  proxy: { kind: 'system' },
  caPem: '',
  modelMapping: [],
  embeddingModel: null,
  parameters: { temperature: null, topP: null, maxTokens: null, reasoningEffort: null },
  extras: '',
  promptCache: false,
  probes: false,
});

export const model = (
  id: string,
  name: string | null,
  context: number | null,
  input: number | null,
  output: number | null,
  shown = true,
): ModelView => ({
  id,
  name,
  context,
  inputNano: input === null ? null : input * 1e9,
  outputNano: output === null ? null : output * 1e9,
  shown,
  favourite: false,
  cacheReadNano: input === null ? null : input * 1e8,
  maxOutput: context === null ? null : 65_536,
  origin: 'listed',
  can: /^(gpt|claude|gemini)/.test(id)
    ? { ...unknownCan, images: true, pdf: true, audio: false, tools: true, reasoning: !id.includes('mini') }
    : { ...unknownCan, tools: /llama|qwen/.test(id) || null },
});

const openaiModels = [
  model('gpt-5.6', 'GPT-5.6 Sol', 1_050_000, 2.5, 15),
  model('gpt-5.4', 'GPT-5.4', 1_050_000, 1.75, 14),
  model('gpt-5.4-mini', 'GPT-5.4 mini', 400_000, 0.25, 2),
  model('gpt-5.4-nano', 'GPT-5.4 nano', 400_000, 0.05, 0.4),
  model('gpt-4.1', 'GPT-4.1', 1_047_576, 2, 8),
  model('gpt-4o-mini', 'GPT-4o mini', 128_000, 0.15, 0.6),
];

const claudeModels = [
  model('claude-opus-4-5', 'Claude Opus 4.5', 200_000, 5, 25),
  model('claude-sonnet-4-5', 'Claude Sonnet 4.5', 200_000, 3, 15),
  model('claude-haiku-4-5', 'Claude Haiku 4.5', 200_000, 1, 5),
  model('claude-opus-4-1', null, 200_000, 15, 75, false),
  model('claude-sonnet-4', null, 1_000_000, 3, 15, false),
  model('claude-3-7-sonnet', null, 200_000, null, null, false),
  model('claude-3-5-haiku', null, null, 0.8, 4, false),
  model('claude-3-haiku', null, 200_000, 0.25, 1.25, false),
];

/** As many as an aggregator has, one name longer than any column. */
export const manyModels = (): ModelView[] =>
  Array.from({ length: 500 }, (_, at) =>
    at === 3
      ? model(`vendor/${'a-very-long-model-name-'.repeat(6)}preview`, null, null, null, null)
      : model(
          `vendor-${at % 20}/model-${at}`,
          `Model ${at}`,
          8192 * (1 + (at % 16)),
          at % 7 ? at / 100 : 0,
          at / 25,
          at % 5 !== 4,
        ),
  );

/** What a fetched list holds, by wire. */
export function fetched(provider: ProviderView): ModelView[] {
  if (provider.models.length > 0) return provider.models;
  if (provider.dialect === 'anthropic') return claudeModels;
  if (provider.dialect === 'ollama')
    return [model('qwen3:14b', null, 40_960, 0, 0), model('gemma3:12b', null, null, 0, 0)];
  return openaiModels;
}

type VendorPart = Partial<VendorView> & Pick<VendorView, 'id' | 'name' | 'mark'>;

export const vendor = (part: VendorPart): VendorView => ({
  notice: null,
  category: 'cloud',
  baseUrl: null,
  needsBaseUrl: part.baseUrl === undefined,
  key: 'required',
  env: [],
  keyUrl: null,
  keyPrefixes: [],
  dialect: 'openai-chat',
  addresses: [],
  fields: [],
  hasBalance: false,
  keyForm: 'token',
  keyHeader: 'authorization',
  timeouts: { connectS: 10, firstEventS: 120, idleS: 90, progressS: 300 },
  own: false,
  ...part,
});

const local = (id: string, name: string, mark: Mark, baseUrl: string, dialect = 'openai-chat'): VendorView =>
  vendor({ id, name, mark, baseUrl, dialect, category: 'local', key: 'optional' });

export const vendors = (env: string[]): VendorView[] => {
  const variables = (...names: string[]) => names.map((name) => ({ name, set: env.includes(name) }));
  return [
    vendor({
      id: 'anthropic',
      name: 'Anthropic',
      mark: marks.anthropic,
      baseUrl: 'https://api.anthropic.com',
      env: variables('ANTHROPIC_API_KEY'),
      keyUrl: 'https://console.anthropic.com/settings/keys',
      keyPrefixes: ['sk-ant-'],
      dialect: 'anthropic',
    }),
    vendor({
      id: 'openai',
      name: 'OpenAI',
      mark: marks.openai,
      baseUrl: 'https://api.openai.com/v1',
      env: variables('OPENAI_API_KEY'),
      keyUrl: 'https://platform.openai.com/api-keys',
      keyPrefixes: ['sk-proj-', 'sk-svcacct-'],
      fields: [
        {
          id: 'organization',
          name: 'Organisation',
          help: 'Only where your key is good for several.',
          choices: [],
          required: false,
          usual: null,
          addresses: {},
        },
        {
          id: 'project',
          name: 'Project',
          help: null,
          choices: [],
          required: false,
          usual: null,
          addresses: {},
        },
      ],
    }),
    vendor({
      id: 'gemini',
      name: 'Google Gemini',
      mark: marks.gemini,
      baseUrl: 'https://generativelanguage.googleapis.com',
      env: variables('GEMINI_API_KEY', 'GOOGLE_API_KEY'),
      keyUrl: 'https://aistudio.google.com/apikey',
      keyPrefixes: ['AIza'],
      dialect: 'gemini',
    }),
    vendor({
      id: 'mistral',
      name: 'Mistral',
      mark: marks.mistral,
      baseUrl: 'https://api.mistral.ai/v1',
      env: variables('MISTRAL_API_KEY'),
      keyUrl: 'https://console.mistral.ai/api-keys',
    }),
    vendor({
      id: 'groq',
      name: 'Groq',
      mark: marks.groq,
      baseUrl: 'https://api.groq.com/openai/v1',
      env: variables('GROQ_API_KEY'),
      keyUrl: 'https://console.groq.com/keys',
      keyPrefixes: ['gsk_'],
    }),
    vendor({
      id: 'deepseek',
      name: 'DeepSeek',
      mark: marks.deepseek,
      baseUrl: 'https://api.deepseek.com/v1',
      env: variables('DEEPSEEK_API_KEY'),
      keyPrefixes: ['sk-'],
    }),
    vendor({
      id: 'moonshot',
      name: 'Moonshot',
      mark: marks.moonshot,
      baseUrl: 'https://api.moonshot.ai/v1',
      addresses: [{ name: 'China', url: 'https://api.moonshot.cn/v1' }],
      hasBalance: true,
      keyPrefixes: ['sk-'],
    }),
    vendor({
      id: 'openrouter',
      name: 'OpenRouter',
      mark: marks.router,
      category: 'aggregator',
      baseUrl: 'https://openrouter.ai/api/v1',
      env: variables('OPENROUTER_API_KEY'),
      keyUrl: 'https://openrouter.ai/keys',
      hasBalance: true,
      keyPrefixes: ['sk-or-'],
    }),
    vendor({
      id: 'openai-compatible',
      name: 'OpenAI-compatible',
      mark: marks.compatible,
      category: 'specialised',
      key: 'optional',
    }),
    local('ollama', 'Ollama', marks.ollama, 'http://127.0.0.1:11434', 'ollama'),
    local('lm-studio', 'LM Studio', marks.studio, 'http://127.0.0.1:1234/v1'),
    local('llama-cpp', 'llama.cpp', marks.llama, 'http://127.0.0.1:8080/v1'),
    local('vllm', 'vLLM', marks.vllm, 'http://127.0.0.1:8000/v1'),
  ];
};

export const noKey: KeyState = { store: 'none', status: 'none', envName: null, endsWith: null, origin: null };

export const account = (id: string, label: string, key: Partial<KeyState>, enabled = true): AccountView => ({
  id,
  label,
  enabled,
  key: { ...noKey, status: 'ready', ...key },
  identity: null,
});

const bare = (id: string) => account(id, '', noKey);

type ProviderPart = Partial<ProviderView> & Pick<ProviderView, 'id' | 'vendor' | 'name' | 'mark' | 'baseUrl'>;

export const provider = (part: ProviderPart): ProviderView => ({
  category: 'cloud',
  dialect: 'openai-chat',
  enabled: true,
  accounts: [bare(`${part.id}-a`)],
  ready: true,
  keyNeed: 'required',
  defaultModel: null,
  models: [],
  modelsFetchedAt: null,
  settings: noSettings(),
  secrets: [],
  inClear: false,
  ...part,
});

const openaiOrigin = 'https://api.openai.com:443';

export const providers = (): ProviderView[] => [
  provider({
    id: 'p-openai',
    vendor: 'openai',
    name: 'OpenAI',
    mark: marks.openai,
    baseUrl: 'https://api.openai.com/v1',
    accounts: [account('a-openai', '', { store: 'keyring', endsWith: 'Tb3A', origin: openaiOrigin })],
    defaultModel: 'gpt-5.4-mini',
    models: openaiModels,
  }),
  provider({
    id: 'p-groq',
    vendor: 'openai-compatible',
    name: 'Groq',
    mark: marks.groq,
    baseUrl: 'https://api.groq.com/openai/v1',
    accounts: [
      account('a-groq', '', { store: 'env', envName: 'GROQ_API_KEY', origin: 'https://api.groq.com:443' }),
    ],
    keyNeed: 'optional',
    models: [
      model('llama-3.3-70b-versatile', 'Llama 3.3 70B', 131_072, 0.59, 0.79),
      model('openai/gpt-oss-120b', null, 131_072, 0.15, 0.75),
    ],
  }),
  provider({
    id: 'p-lm',
    vendor: 'lm-studio',
    name: 'LM Studio',
    category: 'local',
    mark: marks.studio,
    baseUrl: 'http://localhost:1234/v1',
    keyNeed: 'optional',
    models: [model('qwen3-14b', 'Qwen3 14B', 40_960, 0, 0), model('gemma-3-12b-it', null, null, 0, 0)],
  }),
  provider({
    id: 'p-work',
    vendor: 'openai',
    name: 'OpenAI, work',
    mark: marks.openai,
    baseUrl: 'https://api.openai.com/v1',
    accounts: [
      account('a-work', '', {
        store: 'session',
        status: 'sessionOver',
        endsWith: 'w91Q',
        origin: openaiOrigin,
      }),
    ],
    ready: false,
    models: openaiModels.slice(0, 2),
  }),
];

/** A provider with several keys, and one for each thing that can be wrong with a key. */
export const manyProviders = (): ProviderView[] => {
  const kept = { store: 'keyring', origin: 'https://api.anthropic.com:443' };
  return [
    provider({
      id: 'p-anthropic',
      vendor: 'anthropic',
      name: 'Anthropic',
      mark: marks.anthropic,
      baseUrl: 'https://api.anthropic.com',
      dialect: 'anthropic',
      accounts: [
        account('a-personal', 'Personal', { ...kept, endsWith: '7QAA' }),
        account('a-work2', 'Work', { ...kept, endsWith: 'm9XQ' }),
      ],
      defaultModel: 'claude-sonnet-4-5',
      models: claudeModels,
    }),
    ...providers(),
    provider({
      id: 'p-moved',
      vendor: 'mistral',
      name: 'Mistral through a proxy with a name that is longer than its column',
      mark: marks.mistral,
      baseUrl: 'https://llm.harbor.example/v1',
      accounts: [
        account('a-moved', 'The key of the harbor team, ordered in spring', {
          store: 'vault',
          status: 'otherAddress',
          endsWith: 'x0vE',
          origin: 'https://api.mistral.ai:443',
        }),
        account('a-locked', 'Vault', {
          store: 'vault',
          status: 'locked',
          endsWith: '81d2',
          origin: 'https://llm.harbor.example:443',
        }),
        account('a-unset', 'Shell', { store: 'env', status: 'variableUnset', envName: 'MISTRAL_API_KEY' }),
        account('a-lost', 'Old', { store: 'keyring', status: 'lost', endsWith: '9dQ2' }, false),
        account('a-gone', 'Laptop', { store: 'keyring', status: 'unavailable', endsWith: 'kk31' }),
      ],
      ready: false,
    }),
    provider({
      id: 'p-router',
      vendor: 'openrouter',
      name: 'OpenRouter',
      category: 'aggregator',
      mark: marks.router,
      baseUrl: 'https://openrouter.ai/api/v1',
      accounts: [
        account('a-router', '', { store: 'keyring', endsWith: 'or77', origin: 'https://openrouter.ai:443' }),
      ],
      models: manyModels(),
    }),
  ];
};

/** Two thousand models, some of them offered by several providers under their own names. */
export const sharedModels = (): ProviderView[] => {
  const all = manyProviders();
  const router = all.find(({ id }) => id === 'p-router');
  const local = all.find(({ id }) => id === 'p-lm');
  if (router) {
    router.models = [
      model('anthropic/claude-sonnet-4.5', 'Anthropic: Claude Sonnet 4.5', 1_000_000, 3, 15),
      model('anthropic/claude-haiku-4.5', 'Anthropic: Claude Haiku 4.5', 200_000, 0.9, 4.5),
      model('openai/gpt-5.4', 'OpenAI: GPT-5.4', 1_050_000, 1.75, 14),
      model('qwen/qwen3-14b:free', 'Qwen: Qwen3 14B (free)', 40_960, 0, 0),
      model('meta-llama/llama-3.3-70b-versatile', 'Meta: Llama 3.3 70B', 131_072, 0.1, 0.32),
      ...Array.from({ length: 1_990 }, (_, at) =>
        model(`lab-${at % 40}/model-${at}`, `Model ${at}`, 8192 * (1 + (at % 16)), at / 200, at / 40),
      ),
    ];
  }
  const favourite = all[0]?.models.find(({ id }) => id === 'claude-opus-4-5');
  if (favourite) favourite.favourite = true;
  if (local) local.models = [...local.models, model('gpt-oss-120b', null, 131_072, 0, 0)];
  return all;
};

export const demoProvider = (): ProviderView =>
  provider({
    id: 'p-demo',
    vendor: 'demo',
    name: 'Demo',
    category: 'local',
    mark: marks.demo,
    baseUrl: '',
    dialect: 'demo',
    keyNeed: 'none',
    defaultModel: 'tour',
    models: [
      model('tour', 'Guided tour', null, 0, 0),
      model('slow', 'Slow words', null, 0, 0),
      model('failing', 'Always fails', null, 0, 0),
      model('cut', 'Cut in the middle', null, 0, 0),
    ],
  });
