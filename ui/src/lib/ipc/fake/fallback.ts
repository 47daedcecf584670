import type { AttemptView, CircuitView, MessageView, ProviderView, RouteName, SkipView } from '../bindings';
import { marks } from './catalogue';
import { failure } from './checks';
import { answer, attempt, chat, cost, fresh, part, userMessage, type StoredChat } from './data';
import type { FakeStream } from './stream';
import { batching, longWord, reasoning, rule } from './texts';

const MINUTE = 60_000;
/** Ticks that an attempt takes to fail, and a new one to say its first word. */
const STEP = 30;
const RETRY_MS = 4000;
/** Words before an answer breaks off where the script says so. */
const BREAKS_AT = 16;
/** Attempts of an answer that took many. */
const MANY = 12;

const overloaded = () => failure('overloaded', 529, 'overloaded_error', 'Overloaded');
const reset = () => failure('broken_stream', null, 'reset', 'connection reset by peer');
const failed = { outcome: 'failed', firstTokenMs: null, finishClass: null, finishReason: null } as const;

const find = (all: readonly ProviderView[], id: string): ProviderView => {
  const known = all.find((provider) => provider.id === id);
  if (!known) throw new Error(`the fake needs ${id}`);
  return known;
};

const passed = (provider: ProviderView, model: string, over: Partial<SkipView>): SkipView => ({
  providerId: provider.id,
  providerName: provider.name,
  model,
  reason: 'resting',
  until: null,
  because: null,
  ...over,
});

/** What rests where the scene shows it. */
export const someCircuits = (all: readonly ProviderView[]): Record<string, CircuitView[]> => {
  const account = find(all, 'p-anthropic').accounts[0]?.id ?? '';
  const circuit = (model: string, until: number): CircuitView => ({
    accountId: account,
    model,
    since: Date.now() - MINUTE,
    until: Date.now() + until,
    because: overloaded(),
  });
  return {
    'p-anthropic': [circuit('claude-sonnet-4-5', 4 * MINUTE), circuit('claude-opus-4-5', -MINUTE)],
  };
};

/** Whom a refused message names where nobody could be asked. */
export const nobody = (all: readonly ProviderView[]): SkipView[] => [
  passed(find(all, 'p-anthropic'), 'claude-sonnet-4-5', {
    until: Date.now() + 4 * MINUTE,
    because: overloaded(),
  }),
  passed(find(all, 'p-openai'), 'gpt-5.4', { reason: 'noKey' }),
  passed(find(all, 'p-groq'), 'llama-3.3-70b-versatile', { reason: 'contextTooLong' }),
];

/** Answers of a route in every way that one can come about. */
export function fallbackChat(all: readonly ProviderView[]): StoredChat {
  const [anthropic, router, openai, groq] = ['p-anthropic', 'p-router', 'p-openai', 'p-groq'].map((id) =>
    find(all, id),
  ) as [ProviderView, ProviderView, ProviderView, ProviderView];
  const route: RouteName = { id: 'route-careful', name: 'Careful' };
  const began = Date.now() - 20 * MINUTE;
  const on = (provider: ProviderView, model: string, over: Partial<AttemptView>) =>
    attempt(provider, model, { route, startedAt: began, ...over });
  const first = on(anthropic, 'claude-sonnet-4-5', {
    ...failed,
    durationMs: 1100,
    error: overloaded(),
    cost: cost({ source: 'estimated', totalNano: 0, inputTotal: null, outputTotal: null }),
  });
  const again: AttemptView = { ...first, id: fresh('a'), reason: 'retry', startedAt: began + 2100 };
  const next = on(router, 'anthropic/claude-sonnet-4.5', {
    reason: 'nextTarget',
    startedAt: began + 3200,
    cost: cost({ reasoning: 186 }),
  });
  const broke = on(groq, 'llama-3.3-70b-versatile', {
    skipped: [
      passed(anthropic, 'claude-sonnet-4-5', { until: began + 5 * MINUTE, because: overloaded() }),
      passed(router, 'anthropic/claude-sonnet-4.5', { reason: 'atLimit' }),
    ],
    outcome: 'interrupted',
    finishClass: null,
    durationMs: 1900,
    error: reset(),
    cost: cost({ source: 'estimated', totalNano: 400_000, outputTotal: 58, tokensEstimated: true }),
  });
  const goesOn = on(openai, 'gpt-5.1', { reason: 'continued', startedAt: began + 2000 });
  const told = on(openai, 'gpt-5.1', {
    cached: true,
    durationMs: 12,
    firstTokenMs: 3,
    cost: cost({ source: 'free', totalNano: 0, savedNano: 15_600_000 }),
  });
  const cut = on(groq, 'llama-3.3-70b-versatile', {
    outcome: 'interrupted',
    finishClass: null,
    durationMs: 1900,
    error: reset(),
    cost: cost({ source: 'estimated', totalNano: 400_000, outputTotal: 58, tokensEstimated: true }),
  });
  const [begun, rest] = [
    'Keep the batch at 8 and close it after 5 ms. Page when p99 stays above 60 ms for ten minutes',
    ' *and* utilisation is below 0.8, because then the queue is not the cause.',
  ];
  const messages: MessageView[] = [
    userMessage('Why did p99 fall from 230 ms to 34 ms when we only raised the batch size to 8?'),
    answer([first, again, next], [part(reasoning, next.id, 0, 'reasoning'), part(batching, next.id, 1)]),
    userMessage('Shorter: a rule of thumb for the pager runbook.'),
    answer(
      [broke, goesOn],
      [
        part(begun, broke.id),
        { ...part('41', goesOn.id, 1, 'warning'), name: 'overlap_trimmed' },
        part(rest, goesOn.id, 2),
      ],
    ),
    userMessage('The same once more.'),
    answer([told], [part(rule, told.id)]),
    userMessage('And for the night shift?'),
    answer([cut], [part(rule, cut.id)], 'interrupted'),
  ];
  const stored = chat('Batching on a route', 0, marks.router, 'aggregator', messages, 31_600_000);
  stored.target = { kind: 'route', routeId: route.id, model: null };
  return stored;
}

/** An answer that took many attempts, of providers and models with long names. */
export function triesChat(all: readonly ProviderView[]): StoredChat {
  const router = find(all, 'p-router');
  const model = `lab/${longWord}`;
  const names = { providerName: `Harbor team, ${longWord}`, account: longWord };
  const tries = Array.from({ length: MANY }, (_, at) =>
    attempt(router, model, {
      ...names,
      route: { id: 'route-careful', name: 'Careful' },
      reason: at === 0 ? 'first' : 'retry',
      skipped: at % 4 === 0 ? [passed(router, model, { providerName: names.providerName })] : [],
      ...(at < MANY - 1 && { ...failed, error: overloaded(), durationMs: 1100 }),
    }),
  );
  const last = tries.at(-1)?.id ?? '';
  const messages = [userMessage('Anybody?'), answer(tries, [part(rule, last)])];
  return chat('Many tries', 3, marks.router, 'aggregator', messages);
}

/** Where a scripted run is: whether a word may come now, and how many seams there were. */
export type Hops = { holds: (words: number) => boolean; seams: number; broke: boolean };

/**
 * A run on a route whose first target fails twice, with a wait between, so that the next one answers. `?seam=1` has
 * that one break off and a third go on, `?seam=anew` has the third answer anew. `targets` are all of the route, in its order.
 */
export function hops(
  query: URLSearchParams,
  stream: FakeStream,
  runId: string,
  message: MessageView,
  targets: { provider: ProviderView; model: string }[],
): Hops {
  const [first] = message.attempts;
  const target = { providerId: first?.providerId ?? '', model: first?.model ?? '' };
  let ticks = 0;
  let stage = 0;
  let until = 0;
  const run: Hops = { seams: 0, broke: false, holds: () => false };
  if (query.get('scene') !== 'fallback' || !first?.route || first.reason !== 'first' || targets.length < 3)
    return run;

  function end(over: Partial<AttemptView>): void {
    const last = message.attempts.at(-1);
    if (last) Object.assign(last, { durationMs: Date.now() - last.startedAt, ...over });
  }

  function begin(at: number, reason: AttemptView['reason']): void {
    const to = targets[at];
    if (!to || !first) return;
    const begun = attempt(to.provider, to.model, { ...first, id: fresh('a'), reason, startedAt: Date.now() });
    const { id: providerId, name: providerName, mark, category } = to.provider;
    message.attempts.push({
      ...begun,
      providerId,
      providerName,
      mark,
      category,
      model: to.model,
      outcome: 'streaming',
      error: null,
      cost: null,
    });
    ticks = 0;
    stage += 1;
    stream.rotate(runId);
  }

  const stages: ((words: number) => boolean)[] = [
    () => {
      if (ticks < STEP) return true;
      end({ ...failed, error: overloaded() });
      stream.rotate(runId);
      until = Date.now() + RETRY_MS;
      const retry = { number: 2, most: 2, because: overloaded() };
      stream.wait(runId, { target, limit: null, ahead: 0, until, retry });
      stage += 1;
      return true;
    },
    () => {
      if (Date.now() < until) return true;
      stream.wait(runId, null);
      begin(0, 'retry');
      return true;
    },
    () => {
      if (ticks < STEP) return true;
      end({ ...failed, error: overloaded() });
      begin(1, 'nextTarget');
      return true;
    },
    (words) => {
      if (ticks < STEP) return true;
      if (!query.has('seam') || words < BREAKS_AT) return false;
      end({ outcome: 'interrupted', error: reset(), cost: cost({ outputTotal: words, totalNano: 900_000 }) });
      if (query.get('seam') === 'anew') {
        run.broke = true;
        return true;
      }
      run.seams += 1;
      begin(2, 'continued');
      return true;
    },
    () => ticks < STEP,
  ];
  run.holds = (words) => {
    ticks += 1;
    return stages[stage]?.(words) ?? false;
  };
  return run;
}
