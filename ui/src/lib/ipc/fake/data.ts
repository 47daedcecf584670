import type {
  AttemptView,
  Category,
  CheckView,
  ConversationSummary,
  CostView,
  Mark,
  MessageView,
  ModelView,
  PartView,
  ProviderView,
  SpendView,
  VendorView,
} from '../bindings';
import { batching, everything, longWord, reasoning, rule } from './texts';

export const marks = {
  openai: { letters: 'Oa', hue: 'jade', hatched: false },
  groq: { letters: 'Gq', hue: 'rose', hatched: false },
  router: { letters: 'Or', hue: 'plum', hatched: false },
  anthropic: { letters: 'An', hue: 'clay', hatched: false },
  gemini: { letters: 'Gm', hue: 'sky', hatched: false },
  mistral: { letters: 'Mi', hue: 'gold', hatched: false },
  compatible: { letters: 'Oc', hue: 'graphite', hatched: false },
  studio: { letters: 'Lm', hue: 'graphite', hatched: false },
  llama: { letters: 'Lc', hue: 'graphite', hatched: false },
  vllm: { letters: 'Vl', hue: 'graphite', hatched: false },
  demo: { letters: 'De', hue: 'graphite', hatched: false },
} satisfies Record<string, Mark>;

const model = (
  id: string,
  name: string | null,
  context: number | null,
  input: number | null,
  output: number | null,
): ModelView => ({
  id,
  name,
  context,
  inputNano: input === null ? null : input * 1e9,
  outputNano: output === null ? null : output * 1e9,
});

const openaiModels = [
  model('gpt-5.6', 'GPT-5.6 Sol', 1_050_000, 2.5, 15),
  model('gpt-5.4', 'GPT-5.4', 1_050_000, 1.75, 14),
  model('gpt-5.4-mini', 'GPT-5.4 mini', 400_000, 0.25, 2),
  model('gpt-5.4-nano', 'GPT-5.4 nano', 400_000, 0.05, 0.4),
  model('gpt-4.1', 'GPT-4.1', 1_047_576, 2, 8),
  model('gpt-4o-mini', 'GPT-4o mini', 128_000, 0.15, 0.6),
];

export const vendors: VendorView[] = [
  {
    id: 'openai',
    name: 'OpenAI',
    category: 'cloud',
    mark: marks.openai,
    baseUrl: 'https://api.openai.com/v1',
    needsBaseUrl: false,
    key: 'required',
    env: [{ name: 'OPENAI_API_KEY', set: true }],
    keyUrl: 'https://platform.openai.com/api-keys',
  },
  {
    id: 'openai-compatible',
    name: 'OpenAI-compatible',
    category: 'specialised',
    mark: marks.compatible,
    baseUrl: null,
    needsBaseUrl: true,
    key: 'optional',
    env: [],
    keyUrl: null,
  },
  ...(
    [
      ['lm-studio', 'LM Studio', marks.studio, 'http://localhost:1234/v1'],
      ['llama-cpp', 'llama.cpp', marks.llama, 'http://localhost:8080/v1'],
      ['vllm', 'vLLM', marks.vllm, 'http://localhost:8000/v1'],
    ] as const
  ).map(([id, name, mark, baseUrl]) => ({
    id,
    name,
    category: 'local',
    mark,
    baseUrl,
    needsBaseUrl: false,
    key: 'optional' as const,
    env: id === 'vllm' ? [{ name: 'VLLM_API_KEY', set: false }] : [],
    keyUrl: null,
  })),
];

const noKey = { store: 'none', usable: false, envName: null, endsWith: null, origin: null };

export const providers = (): ProviderView[] => [
  {
    id: 'p-openai',
    vendor: 'openai',
    name: 'OpenAI',
    category: 'cloud',
    mark: marks.openai,
    baseUrl: 'https://api.openai.com/v1',
    enabled: true,
    key: {
      store: 'session',
      usable: true,
      envName: null,
      endsWith: 'Tb3A',
      origin: 'https://api.openai.com:443',
    },
    keyNeed: 'required',
    defaultModel: 'gpt-5.4-mini',
    models: openaiModels,
  },
  {
    id: 'p-groq',
    vendor: 'openai-compatible',
    name: 'Groq',
    category: 'cloud',
    mark: marks.groq,
    baseUrl: 'https://api.groq.com/openai/v1',
    enabled: true,
    key: {
      store: 'env',
      usable: true,
      envName: 'GROQ_API_KEY',
      endsWith: null,
      origin: 'https://api.groq.com:443',
    },
    keyNeed: 'optional',
    defaultModel: null,
    models: [
      model('llama-3.3-70b-versatile', 'Llama 3.3 70B', 131_072, 0.59, 0.79),
      model('openai/gpt-oss-120b', null, 131_072, 0.15, 0.75),
    ],
  },
  {
    id: 'p-lm',
    vendor: 'lm-studio',
    name: 'LM Studio',
    category: 'local',
    mark: marks.studio,
    baseUrl: 'http://localhost:1234/v1',
    enabled: true,
    key: noKey,
    keyNeed: 'optional',
    defaultModel: null,
    models: [model('qwen3-14b', 'Qwen3 14B', 40_960, 0, 0), model('gemma-3-12b-it', null, null, 0, 0)],
  },
  {
    id: 'p-work',
    vendor: 'openai',
    name: 'OpenAI, work',
    category: 'cloud',
    mark: marks.openai,
    baseUrl: 'https://api.openai.com/v1',
    enabled: true,
    key: {
      store: 'session',
      usable: false,
      envName: null,
      endsWith: 'w91Q',
      origin: 'https://api.openai.com:443',
    },
    keyNeed: 'required',
    defaultModel: null,
    models: openaiModels.slice(0, 2),
  },
];

export const demoProvider = (): ProviderView => ({
  id: 'p-demo',
  vendor: 'demo',
  name: 'Demo',
  category: 'local',
  mark: marks.demo,
  baseUrl: '',
  enabled: true,
  key: noKey,
  keyNeed: 'none',
  defaultModel: 'tour',
  models: [
    model('tour', 'Guided tour', null, 0, 0),
    model('slow', 'Slow words', null, 0, 0),
    model('failing', 'Always fails', null, 0, 0),
    model('cut', 'Cut in the middle', null, 0, 0),
  ],
});

export const cost = (over: Partial<CostView> = {}): CostView => ({
  inputTotal: 1204,
  cacheRead: null,
  cacheWrite: null,
  outputTotal: 798,
  reasoning: null,
  tokensEstimated: false,
  source: 'reported',
  totalNano: 15_600_000,
  ...over,
});

let lastId = 0;
export const fresh = (kind: string) => `${kind}-${(++lastId).toString().padStart(4, '0')}`;

export function attempt(
  provider: ProviderView,
  modelId: string,
  over: Partial<AttemptView> = {},
): AttemptView {
  return {
    id: fresh('a'),
    providerId: provider.id,
    providerName: provider.name,
    mark: provider.mark,
    category: provider.category,
    model: modelId,
    modelServed: null,
    startedAt: Date.now(),
    firstTokenMs: 920,
    durationMs: 13_400,
    outcome: 'complete',
    finishClass: 'stop',
    finishReason: 'stop',
    error: null,
    cost: cost(),
    ...over,
  };
}

export const part = (
  text: string,
  attemptId: string | null,
  ordinal = 0,
  kind: PartView['kind'] = 'text',
): PartView => ({
  ordinal,
  kind,
  attemptId,
  text,
  name: null,
});

export function userMessage(text: string): MessageView {
  const id = fresh('m');
  return {
    id,
    role: 'user',
    status: 'complete',
    createdAt: Date.now(),
    parts: [part(text, null)],
    attempts: [],
    versions: [id],
  };
}

export function answer(
  attempts: AttemptView[],
  parts: PartView[],
  status: MessageView['status'] = 'complete',
): MessageView {
  const id = fresh('m');
  return { id, role: 'assistant', status, createdAt: Date.now(), parts, attempts, versions: [id] };
}

export const failure = (category: Category, status: number | null, code: string | null, message: string) => ({
  category,
  status,
  code,
  message,
});

export const zeroSpend: SpendView = { totalNano: 0, estimatedNano: 0, unknown: 0, entries: 0 };

export type StoredChat = {
  summary: ConversationSummary;
  messages: MessageView[];
  spend: SpendView;
  deleted: boolean;
};

const DAY = 86_400_000;

export function chat(
  title: string,
  ageDays: number,
  mark: Mark | null,
  category: string | null,
  messages: MessageView[],
  costNano = 0,
): StoredChat {
  const at = Date.now() - ageDays * DAY - 60_000;
  return {
    summary: {
      id: fresh('c'),
      title,
      updatedAt: at,
      touched: at,
      mark,
      category,
      costNano,
      running: false,
    },
    messages,
    spend: {
      totalNano: costNano,
      estimatedNano: Math.round(costNano * 0.15),
      unknown: 0,
      entries: messages.filter((message) => message.role === 'assistant').length,
    },
    deleted: false,
  };
}

export function mainChat(all: ProviderView[]): StoredChat {
  const [openai, groq] = all;
  if (!openai || !groq) throw new Error('the fake needs its providers');
  const whole = attempt(openai, 'gpt-5.4', { cost: cost({ reasoning: 186 }), firstTokenMs: 4100 });
  const cut = attempt(groq, 'llama-3.3-70b-versatile', {
    outcome: 'interrupted',
    finishClass: null,
    durationMs: 1900,
    firstTokenMs: 240,
    error: failure('broken_stream', null, 'reset', 'connection reset by peer'),
    cost: cost({ source: 'estimated', totalNano: 400_000, outputTotal: 58, tokensEstimated: true }),
  });
  return chat(
    'Batching and tail latency',
    0,
    marks.openai,
    'cloud',
    [
      userMessage('Why did p99 fall from 230 ms to 34 ms when we only raised the batch size to 8?'),
      answer([whole], [part(reasoning, whole.id, 0, 'reasoning'), part(batching, whole.id, 1)]),
      userMessage('Shorter: a rule of thumb for the pager runbook.'),
      answer([cut], [part(rule, cut.id)], 'interrupted'),
    ],
    81_200_000,
  );
}

export function failedChat(all: ProviderView[]): StoredChat {
  const [openai, groq, local] = all;
  if (!openai || !groq || !local) throw new Error('the fake needs its providers');
  const rejected = attempt(openai, 'gpt-5.4', {
    outcome: 'failed',
    firstTokenMs: null,
    durationMs: 310,
    finishClass: null,
    error: failure('rejected_key', 401, 'invalid_api_key', 'Incorrect API key provided: sk-…Tb3A.'),
    cost: null,
  });
  const refused = attempt(local, 'qwen3-14b', {
    outcome: 'failed',
    firstTokenMs: null,
    durationMs: 12,
    finishClass: null,
    error: failure('network', null, 'refused', 'tcp connect to localhost:1234: connection refused'),
    cost: null,
  });
  const stopped = attempt(groq, 'llama-3.3-70b-versatile', {
    outcome: 'cancelled',
    finishClass: null,
    durationMs: 2100,
    cost: cost({ source: 'unknown', totalNano: null, outputTotal: null }),
  });
  return chat(
    'What went wrong',
    0.2,
    marks.openai,
    'cloud',
    [
      userMessage('Does this key work?'),
      answer([rejected], [], 'failed'),
      userMessage('And the server on this computer?'),
      answer([refused], [], 'failed'),
      userMessage('Say something long.'),
      answer([stopped], [part('It begins with a sentence that you have already', stopped.id)], 'cancelled'),
    ],
    0,
  );
}

export function longChat(all: ProviderView[]): StoredChat {
  const [openai, , local] = all;
  if (!openai || !local) throw new Error('the fake needs its providers');
  const one = attempt(openai, `gpt-5.4-mini-${longWord.slice(0, 60)}`, {
    cost: cost({ source: 'unknown', totalNano: null, inputTotal: null, outputTotal: 1_250_000 }),
  });
  const two = attempt(local, 'qwen3-14b', { cost: cost({ source: 'free', totalNano: 0 }) });
  const old = attempt(openai, 'gpt-5.4', {
    outcome: 'interrupted',
    error: failure('broken_stream', null, 'reset', 'reset'),
    cost: cost({ totalNano: 4_000_000 }),
  });
  const goOn = attempt(local, 'qwen3-14b', { cost: cost({ source: 'free', totalNano: 0, outputTotal: 40 }) });
  const wide = `| ${Array.from({ length: 14 }, (_, at) => `Column ${at}`).join(' | ')} |\n|${'---|'.repeat(14)}\n| ${Array.from({ length: 14 }, (_, at) => `value ${at}`).join(' | ')} |`;
  const listing = Array.from({ length: 60 }, (_, at) => `line ${at + 1}: ${'x'.repeat(at * 3)}`).join('\n');
  const versioned = answer([two], [part(everything, two.id)]);
  versioned.versions = ['m-older', versioned.id, 'm-newer'];
  return chat(
    `A very long title with ${longWord} in it`,
    0.1,
    marks.studio,
    'local',
    [
      userMessage(`${longWord} and a line\n\nand another one after an empty line`),
      answer(
        [one],
        [part(`${longWord}\n\n\`${longWord}\`\n\n${wide}\n\n\`\`\`text\n${listing}\n\`\`\`\n`, one.id)],
      ),
      userMessage('Show me everything Markdown can do.'),
      versioned,
      userMessage('Begin there, go on here.'),
      answer(
        [old, goOn],
        [
          part('This half was written by the first provider, which then', old.id),
          part('was relieved by a model on this computer, which wrote the rest.', goOn.id, 1),
        ],
      ),
    ],
    19_600_000,
  );
}

export function otherChats(): StoredChat[] {
  const rows: [string, number, Mark | null, string | null, number][] = [
    ['Rewrite the onboarding email', 0.1, marks.gemini, 'cloud', 3_000_000],
    ['SQLite WAL on network drives', 0.3, marks.openai, 'cloud', 12_000_000],
    ['Names for the export format', 1.1, marks.mistral, 'cloud', 0],
    ['Regex for ISO week dates', 1.2, marks.groq, 'cloud', 900_000],
    ['Trip to Porto, four days', 1.3, marks.gemini, 'cloud', 0],
    ['Why does the borrow checker refuse this closure', 1.4, marks.anthropic, 'cloud', 41_000_000],
    ['Summary of the Q3 board pack', 3, marks.anthropic, 'cloud', 0],
    ['Kubernetes probe timings', 4, marks.router, 'aggregator', 7_000_000],
    ['Local models for 16 GB', 5, marks.studio, 'local', 0],
    ['Contract clause 7.2', 6, marks.openai, 'cloud', 0],
    ['Unit tests for the router', 12, marks.anthropic, 'cloud', 230_000_000],
    ['Untangling the invoice export', 40, marks.openai, 'cloud', 0],
  ];
  return rows.map(([title, age, mark, category, nano]) =>
    chat(title, age, mark, category, [userMessage(title)], nano),
  );
}

export const goodCheck = (models: number): CheckView => ({ ok: true, error: null, models, durationMs: 610 });
