import type {
  AttemptReason,
  CostOutcome,
  CostSource,
  FailureView,
  ModelView,
  ProviderView,
  Purpose,
} from '../../bindings';
import { failure } from '../checks';
import { plus, span, stamp, weekend } from '$lib/days/calendar';

/** A row of the ledger of the fake. */
export type Entry = {
  id: string;
  at: number;
  day: string;
  provider: ProviderView;
  accountId: string;
  routeId: string;
  model: string;
  purpose: Purpose;
  outcome: CostOutcome;
  source: CostSource;
  reason: AttemptReason;
  /** Asked for once more by a person. */
  asked: boolean;
  cached: boolean;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  totalNano: number | null;
  cacheSavedNano: number;
  answerSavedNano: number;
  firstTokenMs: number | null;
  durationMs: number | null;
  error: FailureView | null;
  conversationId: string | null;
  messageId: string | null;
};

/** Numbers that look random and are the same each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How much of the day's requests a vendor gets, how much of it comes from the prompt cache, how fast it begins. */
const habits: Record<string, { share: number; cache: number; firstMs: number }> = {
  anthropic: { share: 30, cache: 0.7, firstMs: 820 },
  openai: { share: 18, cache: 0.42, firstMs: 1040 },
  openrouter: { share: 13, cache: 0.22, firstMs: 910 },
  gemini: { share: 15, cache: 0.12, firstMs: 480 },
  mistral: { share: 5, cache: 0, firstMs: 390 },
  groq: { share: 6, cache: 0, firstMs: 210 },
  deepseek: { share: 3, cache: 0.34, firstMs: 1300 },
};
const usual = { share: 3, cache: 0.1, firstMs: 700 };
const atHome = { share: 8, cache: 0, firstMs: 150 };

const purposes: [Purpose, number][] = [
  ['chat', 74],
  ['compare', 11],
  ['title', 7],
  ['gateway', 4],
  ['judge', 2],
  ['merge', 1],
  ['check', 1],
];

function pick<T>(from: readonly [T, number][], random: number): T {
  const sum = from.reduce((all, [, weight]) => all + weight, 0);
  let left = random * sum;
  for (const [value, weight] of from) {
    left -= weight;
    if (left < 0) return value;
  }
  return from[0]?.[0] as T;
}

const troubles = [
  failure('rate_limited', 429, 'rate_limit_exceeded', 'Rate limit reached. Please slow down.'),
  failure('overloaded', 529, 'overloaded_error', 'Overloaded'),
  failure('network', null, 'reset', 'connection reset by peer'),
];

type Place = { conversationId: string; messageId: string };

export type Seed = {
  today: string;
  days: number;
  /** Requests on a usual day. */
  perDay: number;
  providers: ProviderView[];
  routes: string[];
  places: Place[];
};

/** What a request of these tokens costs, and what the prompt cache took off; null without a price. */
export function priced(
  model: ModelView | undefined,
  tokens: Pick<Entry, 'input' | 'cacheRead' | 'cacheWrite' | 'output'>,
): { totalNano: number | null; savedNano: number } {
  if (!model || model.inputNano === null || model.outputNano === null)
    return { totalNano: null, savedNano: 0 };
  const read = model.cacheReadNano ?? model.inputNano;
  const plain = tokens.input - tokens.cacheRead;
  const writing = tokens.cacheWrite * model.inputNano * 0.25;
  const total =
    plain * model.inputNano + writing + tokens.cacheRead * read + tokens.output * model.outputNano;
  return {
    totalNano: Math.round(total / 1e6),
    savedNano: Math.round((tokens.cacheRead * (model.inputNano - read) - writing) / 1e6),
  };
}

/** One request, as it might have been. */
function made(seed: Seed, day: string, at: number, random: () => number, serial: number): Entry | null {
  const { providers, routes, places } = seed;
  const provider = pick(
    providers.map((one) => [one, (one.category === 'local' ? atHome : (habits[one.vendor] ?? usual)).share]),
    random(),
  );
  const models = provider.models.filter(({ shown }) => shown).slice(0, 4);
  const model = models[Math.min(models.length - 1, Math.floor(random() ** 1.7 * models.length))];
  if (!model) return null;
  const free = provider.category === 'local' || provider.category === 'demo';
  const habit = free ? atHome : (habits[provider.vendor] ?? usual);
  const purpose = pick(purposes, random());
  const fate = random();
  const outcome: CostOutcome =
    fate < 0.93 ? 'complete' : fate < 0.955 ? 'interrupted' : fate < 0.985 ? 'failed' : 'cancelled';
  const little = purpose === 'title' || purpose === 'check';
  const failed = outcome === 'failed';
  const input = failed ? 0 : Math.round((little ? 300 : 9000 + random() * 46_000) * (0.3 + random()));
  const warm = random() < habit.cache && !little;
  const cacheRead = warm ? Math.round(input * (0.55 + random() * 0.4)) : 0;
  const cacheWrite = !warm && habit.cache > 0.6 && !little ? Math.round(input * 0.4) : 0;
  const output = failed ? 0 : Math.round((little ? 12 : 500 + random() * 5200) * (0.3 + random()));
  const kept = random() < 0.012 && outcome === 'complete';
  const sums = priced(model, { input, cacheRead, cacheWrite, output });
  const ours = outcome !== 'complete';
  const source: CostSource =
    free || kept
      ? 'free'
      : sums.totalNano === null && !failed
        ? 'unknown'
        : ours
          ? 'estimated'
          : provider.vendor === 'openrouter'
            ? 'reported'
            : 'priced';
  const firstTokenMs = failed || kept ? null : Math.round(habit.firstMs * (0.6 + random() * random() * 2.4));
  const place =
    places.length && random() < 0.9 ? places[Math.floor(random() ** 2 * places.length)] : undefined;
  const again = random();
  const reason: AttemptReason = again < 0.02 ? 'retry' : again < 0.05 ? 'nextTarget' : 'first';
  return {
    id: `e-${String(serial).padStart(7, '0')}`,
    at,
    day,
    provider,
    accountId: provider.accounts[Math.floor(random() * provider.accounts.length)]?.id ?? '',
    routeId: (reason !== 'first' || random() < 0.3 ? routes[Math.floor(random() * routes.length)] : '') ?? '',
    model: model.id,
    purpose,
    outcome,
    source,
    reason,
    asked: random() < 0.03,
    cached: kept,
    input,
    cacheRead,
    cacheWrite,
    output,
    reasoning: model.can.reasoning === true ? Math.round(output * 0.3) : 0,
    totalNano: source === 'free' || failed ? 0 : source === 'unknown' ? null : sums.totalNano,
    cacheSavedNano: free || kept || source === 'unknown' ? 0 : sums.savedNano,
    answerSavedNano: kept && !free ? (sums.totalNano ?? 0) : 0,
    firstTokenMs,
    durationMs: failed ? 300 : kept ? 12 : (firstTokenMs ?? 0) + output * 9,
    error: failed
      ? (troubles[Math.floor(random() * troubles.length)] ?? null)
      : outcome === 'interrupted'
        ? failure('broken_stream', null, 'reset', 'connection reset by peer')
        : null,
    conversationId: place?.conversationId ?? null,
    messageId: place?.messageId ?? null,
  };
}

/** A year of requests, the newest first. Days are what they are whatever the other days hold. */
export function seedEntries(seed: Seed): Entry[] {
  const entries: Entry[] = [];
  if (seed.providers.length === 0) return entries;
  const first = plus(seed.today, 1 - seed.days);
  for (let at = 0; at < span(first, seed.today); at += 1) {
    const day = plus(first, at);
    const random = seeded(stamp(day) / 86_400_000);
    const size =
      seed.perDay * (weekend(day) ? 0.35 : 1) * (0.6 + random() * 0.9) * (0.5 + (0.5 * at) / seed.days);
    const count = Math.max(1, Math.round(size));
    for (let nth = 0; nth < count; nth += 1) {
      const late = day === seed.today ? 6.5 : 14;
      const moment = new Date(`${day}T08:00:00`).getTime() + ((nth + random()) / count) * late * 3_600_000;
      const entry = made(seed, day, Math.round(moment), random, at * 10_000 + nth);
      if (entry) entries.push(entry);
    }
  }
  return entries.reverse();
}
