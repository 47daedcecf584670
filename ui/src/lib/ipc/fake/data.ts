import type {
  AttachmentView,
  AttemptView,
  ChatSetup,
  ChatTarget,
  ConversationSummary,
  CostView,
  Draft,
  Mark,
  MessageView,
  PartView,
  ProviderView,
  SpendView,
} from '../bindings';
import type { Compared } from './compare/stored';
import { marks } from './catalogue';
import { failure } from './checks';
import { emptySetup } from '$lib/state/composer/setup';
import { emptyDraft } from './composing';
import { batching, everything, longWord, reasoning, rule } from './texts';

export const cost = (over: Partial<CostView> = {}): CostView => ({
  inputTotal: 1204,
  cacheRead: null,
  cacheWrite: null,
  outputTotal: 798,
  reasoning: null,
  tokensEstimated: false,
  source: 'reported',
  totalNano: 15_600_000,
  savedNano: null,
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
    account: null,
    model: modelId,
    modelServed: null,
    route: null,
    reason: 'first',
    skipped: [],
    cached: false,
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
  title: null,
  isError: false,
  attachment: null,
});

/** Of a message that is neither refused nor merged nor judged. */
const nothingSaid = { refused: null, merged: null, thumb: null };

export function userMessage(text: string, files: AttachmentView[] = []): MessageView {
  const id = fresh('m');
  return {
    id,
    role: 'user',
    status: 'complete',
    createdAt: Date.now(),
    parts: [
      part(text, null),
      ...files.map((file, at) => ({
        ...part('', null, at + 1, 'media'),
        name: file.name,
        attachment: file,
      })),
    ],
    attempts: [],
    versions: [id],
    ...nothingSaid,
  };
}

export function answer(
  attempts: AttemptView[],
  parts: PartView[],
  status: MessageView['status'] = 'complete',
): MessageView {
  const id = fresh('m');
  return {
    id,
    role: 'assistant',
    status,
    createdAt: Date.now(),
    parts,
    attempts,
    versions: [id],
    ...nothingSaid,
  };
}

export const zeroSpend: SpendView = { totalNano: 0, estimatedNano: 0, unknown: 0, entries: 0 };

export type StoredChat = {
  summary: ConversationSummary;
  messages: MessageView[];
  spend: SpendView;
  setup: ChatSetup;
  draft: Draft;
  /** What its next message goes to; absent for whoever answered last. */
  target: ChatTarget | null;
  fallbackRouteId: string | null;
  /** Present where it is a comparison. */
  compare?: Compared;
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
      kind: 'chat',
      title,
      updatedAt: at,
      touched: at,
      mark,
      category,
      costNano,
      running: false,
      pinned: false,
      shelf: 'list',
    },
    messages,
    spend: {
      totalNano: costNano,
      estimatedNano: Math.round(costNano * 0.15),
      unknown: 0,
      entries: messages.filter((message) => message.role === 'assistant').length,
    },
    setup: emptySetup(),
    draft: emptyDraft(),
    target: null,
    fallbackRouteId: null,
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
