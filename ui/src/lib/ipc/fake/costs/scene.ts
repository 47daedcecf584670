import type { ProviderView, SpendView } from '../../bindings';
import { account, manyProviders, marks, model, provider } from '../catalogue';
import type { Folder } from '../folder';
import { seedEntries, type Entry } from './entries';
import { totalsOf } from './dashboard';
import { monthOf } from '$lib/days/calendar';
import { localDay } from '$lib/days/local';

const claude = [
  model('claude-sonnet-4-5', 'Claude Sonnet 4.5', 200_000, 3, 15),
  model('claude-opus-4-5', 'Claude Opus 4.5', 200_000, 5, 25),
  model('claude-haiku-4-5', 'Claude Haiku 4.5', 200_000, 1, 5),
];

const keyed = (id: string) => [account(`a-${id}`, '', { store: 'keyring', endsWith: 'k3Y1' })];

/** Those of the design, and one whose model has no price. */
export function costProviders(): ProviderView[] {
  const known = manyProviders();
  const of = (id: string) => known.filter((one) => one.id === id);
  const cloud = (id: string, name: string, vendor: string, models: ProviderView['models']) =>
    provider({
      id: `p-${id}`,
      vendor,
      name,
      mark: marks[id as keyof typeof marks],
      baseUrl: `https://api.${id}.example/v1`,
      accounts: keyed(id),
      models,
    });
  const [anthropic] = of('p-anthropic');
  const [router] = of('p-router');
  const [groq] = of('p-groq');
  return [
    ...(anthropic ? [{ ...anthropic, models: claude }] : []),
    cloud('gemini', 'Google Gemini', 'gemini', [
      model('gemini-2.5-flash', 'Gemini 2.5 Flash', 1_048_576, 0.3, 2.5),
      model('gemini-2.5-pro', 'Gemini 2.5 Pro', 1_048_576, 1.25, 10),
      model('gemini-exp-1121', null, 1_048_576, null, null),
    ]),
    cloud('mistral', 'Mistral', 'mistral', [
      model('mistral-large-2411', 'Mistral Large', 131_072, 2, 6),
      model('mistral-small-3.2', 'Mistral Small', 131_072, 0.1, 0.3),
    ]),
    ...of('p-openai'),
    ...(router
      ? [
          {
            ...router,
            models: [
              model('anthropic/claude-sonnet-4.5', 'Anthropic: Claude Sonnet 4.5', 1_000_000, 3, 15),
              model('openai/gpt-5.4', 'OpenAI: GPT-5.4', 1_050_000, 1.75, 14),
              model('qwen/qwen3-14b:free', 'Qwen: Qwen3 14B (free)', 40_960, 0, 0),
            ],
          },
        ]
      : []),
    ...(groq ? [{ ...groq, vendor: 'groq' }] : []),
    cloud('deepseek', 'DeepSeek', 'deepseek', [model('deepseek-chat', null, 131_072, 0.28, 0.42)]),
    provider({
      id: 'p-ollama',
      vendor: 'ollama',
      name: 'Ollama',
      category: 'local',
      mark: marks.ollama,
      baseUrl: 'http://127.0.0.1:11434',
      dialect: 'ollama',
      keyNeed: 'optional',
      models: [model('qwen3:14b', null, 40_960, 0, 0), model('gemma3:12b', null, null, 0, 0)],
    }),
  ];
}

/** Forty, each with a longer name than fits. */
export function crowd(): ProviderView[] {
  const hues = Object.values(marks);
  return Array.from({ length: 40 }, (_, at) =>
    provider({
      id: `p-crowd-${at}`,
      vendor: ['openai', 'anthropic', 'gemini', 'mistral', 'groq', 'openrouter'][at % 6] ?? 'openai',
      name: `Gateway ${at + 1} of the harbor team for everything that has to do with summaries and translations`,
      mark: hues[at % hues.length] ?? marks.openai,
      baseUrl: `https://gateway-${at}.harbor.example/v1`,
      accounts: keyed(`crowd-${at}`),
      models: Array.from({ length: 3 }, (__, nth) =>
        model(
          `harbor-${at}/${'a-model-with-a-very-long-name-'.repeat(3)}${nth}`,
          null,
          131_072,
          0.4 + nth,
          2 + nth * 3,
        ),
      ),
    }),
  );
}

/** The ledger of a folder: what was seeded, and what runs of the page add. */
export class FakeLedger {
  readonly today: string;
  readonly #query: URLSearchParams;
  readonly #folder: () => Folder;
  readonly #routes: () => string[];
  readonly #kept = new WeakMap<Folder, Entry[]>();

  constructor(query: URLSearchParams, folder: () => Folder, routes: () => string[]) {
    this.today = query.get('today') ?? localDay(Date.now());
    this.#query = query;
    this.#folder = folder;
    this.#routes = routes;
  }

  /** The newest first. */
  get entries(): Entry[] {
    const folder = this.#folder();
    const known = this.#kept.get(folder);
    if (known) return known;
    const entries = this.#seed(folder);
    this.#kept.set(folder, entries);
    return entries;
  }

  /** True where a year was seeded: the rail's spend is then its month's. */
  get seeded(): boolean {
    const wanted = this.#query.get('costs') ?? (this.#query.get('scene') === 'costs' ? 'year' : 'none');
    return wanted !== 'none' && !this.#folder().demo;
  }

  spend(): SpendView {
    const month = this.entries.filter(({ day }) => monthOf(day) === monthOf(this.today));
    const { totalNano, reportedNano, unknown, entries } = totalsOf(month);
    return { totalNano, estimatedNano: totalNano - reportedNano, unknown, entries };
  }

  #seed(folder: Folder): Entry[] {
    if (!this.seeded) return [];
    const wanted = this.#query.get('costs');
    const sizes: Record<string, [days: number, perDay: number]> = {
      huge: [30, 3600],
      young: [3, 20],
      old: [1100, 40],
    };
    const [days, perDay] = sizes[wanted ?? ''] ?? [365, 48];
    const places = folder.chats.flatMap(({ summary, messages }) =>
      messages
        .filter(({ role }) => role === 'assistant')
        .map(({ id }) => ({ conversationId: summary.id, messageId: id })),
    );
    const providers = folder.providers.filter(({ ready }) => ready);
    return seedEntries({ today: this.today, days, perDay, providers, routes: this.#routes(), places });
  }
}
