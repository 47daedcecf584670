import { emptySetup } from '$lib/state/composer/setup';
import { toModel } from '$lib/targets';
import type {
  ChatTarget,
  CompareDesk,
  CompareSet,
  LaneInput,
  MessageView,
  ProviderView,
  TurnView,
} from '../../bindings';
import { emptyDraft } from '../composing';
import { failure } from '../checks';
import { answer, attempt, cost, fresh, part, userMessage } from '../data';
import { running, type LanePlayer } from './play';
import { newCompare, setLanes, spendOf, type StoredCompare } from './stored';
import { answerOf, mergedText } from './texts';

const PROMPT = 'Explain idempotency keys to a product manager in under 150 words, with one concrete example.';

type Place = [providerId: string, model: string];

const four: Place[] = [
  ['p-anthropic', 'claude-sonnet-4-5'],
  ['p-groq', 'llama-3.3-70b-versatile'],
  ['p-deepseek', 'deepseek-chat'],
  ['p-gemini', 'gemini-2.5-pro'],
];

const more: Place[] = [
  ['p-openai', 'gpt-5.4'],
  ['p-mistral', 'mistral-large-2411'],
  ['p-gemini', 'gemini-2.5-flash'],
  ['p-openai', 'gpt-5.4-mini'],
  ['p-mistral', 'mistral-small-3.2'],
  ['p-router', 'qwen/qwen3-14b:free'],
  ['p-ollama', 'qwen3:14b'],
  ['p-anthropic', 'claude-haiku-4-5'],
];

export const laneInput = (target: ChatTarget): LaneInput => ({
  id: null,
  target,
  fallbackRouteId: null,
  setup: emptySetup(),
  asked: true,
});

const inputs = (places: Place[]) =>
  places.map(([providerId, model]) => laneInput(toModel({ providerId, model })));

/** First token and duration in milliseconds, as these models have them. */
const times: Record<string, [number, number]> = {
  'claude-sonnet-4-5': [1040, 6200],
  'llama-3.3-70b-versatile': [210, 640],
  'deepseek-chat': [1620, 6100],
  'gemini-2.5-pro': [900, 4400],
};

function written(
  provider: ProviderView,
  model: string,
  at: number,
  prompt: string,
  turn: number,
): MessageView {
  const text = answerOf(model, prompt, turn);
  const tokens = Math.ceil(text.length / 4);
  const known = provider.models.find(({ id }) => id === model);
  const [firstTokenMs, durationMs] = times[model] ?? [600 + at * 130, 3100 + at * 700];
  const free = provider.category === 'local';
  const nano =
    known?.inputNano == null || known.outputNano === null
      ? null
      : Math.round((118 * known.inputNano + tokens * known.outputNano) / 1e6);
  const by = attempt(provider, model, {
    firstTokenMs,
    durationMs,
    cost: cost({
      inputTotal: 118,
      outputTotal: tokens,
      totalNano: free ? 0 : nano,
      source: free ? 'free' : nano === null ? 'unknown' : 'priced',
    }),
  });
  return answer([by], [part(text, by.id)]);
}

/** A comparison whose answers are all there. */
export function doneCompare(
  all: readonly ProviderView[],
  places: Place[],
  title: string,
  prompts: string[],
  ageDays = 0,
): StoredCompare {
  const stored = newCompare(title, ageDays);
  const known = places.filter(([id]) => all.some((provider) => provider.id === id));
  const lanes = setLanes(stored, inputs(known));
  for (const [nth, prompt] of prompts.entries()) {
    const asked = known.map(() => userMessage(prompt));
    const replies = known.map(([id, model], at) => {
      const provider = all.find((one) => one.id === id) as ProviderView;
      return written(provider, model, at, prompt, nth);
    });
    const turn: TurnView = {
      id: fresh('turn'),
      createdAt: Date.now() - ageDays * 86_400_000 - (prompts.length - nth) * 60_000,
      prompts: asked.map(({ id }) => id),
      answers: replies.map(({ id }, at) => ({ laneId: lanes[at]?.id ?? '', messageId: id, versions: [id] })),
      merges: [],
      blind: null,
      judgement: null,
      sharedFrom: null,
    };
    stored.messages.push(...asked, ...replies);
    stored.compare.turns.push(turn);
  }
  stored.spend = spendOf(stored.messages);
  const last = stored.messages.at(-1)?.attempts.at(-1);
  Object.assign(stored.summary, {
    costNano: stored.spend.totalNano,
    mark: last?.mark ?? null,
    category: last?.category ?? null,
  });
  return stored;
}

/** Gives the last prompt what the design shows: one done, two at work, one that failed. */
function asDesigned(stored: StoredCompare, player: LanePlayer): void {
  const turn = stored.compare.turns.at(-1);
  const message = (at: number) => stored.messages.find(({ id }) => id === turn?.answers[at]?.messageId);
  for (const at of [0, 2]) {
    const one = message(at);
    const by = one?.attempts[0];
    if (!one || !by) continue;
    const text = one.parts[0]?.text ?? '';
    const cut = Math.floor(text.length * 0.82);
    one.status = 'streaming';
    one.parts = [part(text.slice(0, cut), by.id)];
    Object.assign(by, running, { firstTokenMs: by.firstTokenMs, startedAt: Date.now() - 6200 });
    player.begin(stored, one, text.slice(cut), 'hold');
  }
  const lost = message(3);
  const by = lost?.attempts[0];
  if (!lost || !by) return;
  Object.assign(lost, { status: 'failed', parts: [] });
  Object.assign(by, {
    outcome: 'failed',
    firstTokenMs: null,
    durationMs: 400,
    finishClass: null,
    error: failure(
      'rate_limited',
      429,
      'RESOURCE_EXHAUSTED',
      'You exceeded your current quota: 50 requests a day for gemini-2.5-pro on the free tier. It resets at 08:00.',
    ),
    cost: cost({ source: 'estimated', totalNano: 0, inputTotal: null, outputTotal: null }),
  });
}

function withMerge(stored: StoredCompare, all: readonly ProviderView[]): void {
  const turn = stored.compare.turns.at(-1);
  const provider = all.find(({ id }) => id === 'p-anthropic');
  if (!turn || !provider) return;
  const sources = turn.answers.slice(0, 3).flatMap(({ messageId }) => {
    const by = stored.messages.find(({ id }) => id === messageId)?.attempts.at(-1);
    return by ? [{ messageId, providerName: by.providerName, model: by.model }] : [];
  });
  const by = attempt(provider, 'claude-sonnet-4-5', {
    firstTokenMs: 1210,
    durationMs: 5400,
    cost: cost({ source: 'priced', totalNano: 9_100_000, outputTotal: 164 }),
  });
  const merged = answer(
    [by],
    [
      part(
        mergedText(
          'fuse',
          sources.map(({ model }) => model),
        ),
        by.id,
      ),
    ],
  );
  merged.merged = { mode: 'fuse', sources };
  stored.messages.push(merged);
  turn.merges.push({ laneId: fresh('lane'), messageId: merged.id, versions: [merged.id] });
  stored.spend = spendOf(stored.messages);
}

/**
 * What there is of comparisons at first. `?scene=compare` has some, `?lanes=` says with how many lanes the newest;
 * `?state=` is `live`, `blind`, `judged` or `merged`; without a scene there is nothing yet.
 */
export function compareScene(
  query: URLSearchParams,
  providers: () => ProviderView[],
  player: LanePlayer,
): { chats: StoredCompare[]; desk: CompareDesk; sets: CompareSet[] } {
  const desk: CompareDesk = { setId: null, lanes: [], blind: false, draft: emptyDraft() };
  if (query.get('scene') !== 'compare' || query.get('state') === 'first')
    return { chats: [], desk, sets: [] };
  const all = providers();
  const places = [...four, ...more].slice(0, Number(query.get('lanes') ?? 4));
  const state = query.get('state');
  const newest = doneCompare(all, places, 'Idempotency keys', [PROMPT]);
  const older = doneCompare(
    all,
    [...four.slice(0, 2), ...more.slice(0, 1)],
    'Names for a file format',
    ['Suggest five names for a file format that holds chats.', 'Shorter ones.', 'Now without the word chat.'],
    1.2,
  );
  const turn = newest.compare.turns.at(-1);
  if (state === 'live') asDesigned(newest, player);
  if (state === 'merged') withMerge(newest, all);
  if (turn && state === 'blind')
    turn.blind = { order: turn.answers.map(({ laneId }) => laneId).reverse(), revealed: false };
  if (turn && state === 'judged') {
    const [a, b, c, d] = turn.answers.map(({ messageId }) => messageId);
    const ranks = [[b], [a, c], [d]].map((rank) => rank.flatMap((id) => id ?? []));
    turn.judgement = { ranks, note: 'Short and right.', tags: ['explain'], blind: false, at: Date.now() };
  }
  const before = older.compare.turns[0];
  const best = before?.answers[1]?.messageId;
  if (before && best)
    before.judgement = { ranks: [[best]], note: '', tags: ['names'], blind: true, at: Date.now() };
  const sets: CompareSet[] = [
    { id: 'set-everyday', name: 'Everyday four', lanes: inputs(four) },
    { id: 'set-cheap', name: 'Cheap and quick', lanes: inputs([...four.slice(1, 3), ...more.slice(3, 4)]) },
  ];
  desk.setId = 'set-everyday';
  desk.lanes = inputs(query.has('lanes') ? places : four);
  return { chats: [older, newest], desk, sets };
}
