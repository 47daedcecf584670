import type { Backend } from '../../backend';
import type {
  Leaderboard,
  LeaderRow,
  ProviderView,
  RouteTrial,
  RouteView,
  Target,
  TrialTarget,
} from '../../bindings';
import { refuse } from '../refuse';

type Part = Pick<Backend, 'leaderboard' | 'routeTrials'>;

type Seed = [
  providerId: string,
  model: string,
  points: number,
  half: number,
  wins: number,
  losses: number,
  ties: number,
];

/** Strengths of models that were judged often, and of one that was judged once. */
const seeds: Seed[] = [
  ['p-anthropic', 'claude-sonnet-4-5', 1182, 74, 61, 19, 6],
  ['p-openai', 'gpt-5.4', 1121, 81, 48, 24, 5],
  ['p-gemini', 'gemini-2.5-pro', 1064, 92, 31, 25, 4],
  ['p-mistral', 'mistral-large-2411', 987, 104, 22, 27, 3],
  ['p-groq', 'llama-3.3-70b-versatile', 931, 88, 26, 41, 5],
  ['p-deepseek', 'deepseek-chat', 905, 96, 19, 38, 4],
  ['p-ollama', 'qwen3:14b', 810, 190, 3, 12, 1],
  ['p-openai', 'gpt-5.4-mini', 1000, 340, 1, 1, 0],
];

const speeds: Record<string, [first: number, rate: number]> = {
  'claude-sonnet-4-5': [1040, 52],
  'llama-3.3-70b-versatile': [210, 276],
  'deepseek-chat': [1620, 31],
};

/** By tag there are fewer judgements: wider intervals, other places. */
function shifted([provider, model, points, half, wins, losses, ties]: Seed, tag: string, at: number): Seed {
  const turn = ((tag.length * 37 + at * 53) % 9) - 4;
  const some = (count: number) => Math.max(1, Math.round(count / 4));
  return [provider, model, points + turn * 28, half * 1.9, some(wins), some(losses), Math.round(ties / 4)];
}

const nanoOf = (provider: ProviderView, id: string) => {
  const known = provider.models.find((model) => model.id === id);
  if (known?.inputNano == null || known.outputNano === null) return null;
  return Math.round((900 * known.inputNano + 420 * known.outputNano) / 1e6);
};

function rowsOf(all: readonly ProviderView[], some: readonly Seed[]): LeaderRow[] {
  const rows = some.flatMap(([providerId, model, points, half, wins, losses, ties]): LeaderRow[] => {
    const provider = all.find(({ id }) => id === providerId);
    if (!provider) return [];
    const [first, rate] = speeds[model] ?? [640, 88];
    const { name: providerName, mark, category } = provider;
    return [
      {
        target: { providerId, model },
        providerName,
        mark,
        category,
        points,
        low: points - half,
        high: points + half,
        rank: 1,
        wins,
        losses,
        ties,
        meanNano: category === 'local' ? 0 : nanoOf(provider, model),
        firstTokenMs: first,
        tokensPerSecond: rate,
      },
    ];
  });
  for (const row of rows) row.rank = 1 + rows.filter(({ low }) => low > row.high).length;
  return rows.sort((one, other) => other.points - one.points);
}

function trialTarget(
  all: readonly ProviderView[],
  { providerId, model }: Target,
  weight: number | null,
  over: Partial<TrialTarget>,
): TrialTarget {
  const provider = all.find(({ id }) => id === providerId);
  return {
    target: { providerId, model },
    providerName: provider?.name ?? providerId,
    mark: provider?.mark ?? { letters: '??', hue: 'graphite', hatched: false },
    category: provider?.category ?? 'cloud',
    weight,
    picked: 0,
    answered: 0,
    wins: 0,
    losses: 0,
    thumbsUp: 0,
    thumbsDown: 0,
    meanNano: null,
    firstTokenMs: null,
    ...over,
  };
}

/** Figures of a weighted route: the first of its targets does better, and costs more. */
function trialOf(all: readonly ProviderView[], { id, name, targets }: RouteView): RouteTrial {
  const sum = targets.reduce((total, { weight }) => total + weight, 0);
  const its = targets.map(({ target, weight }, at) =>
    trialTarget(all, target, weight / sum, {
      picked: Math.round((214 * weight) / sum),
      answered: Math.round((214 * weight) / sum) - (at === 0 ? 2 : 3),
      wins: at === 0 ? 24 : 9,
      losses: at === 0 ? 9 : 24,
      thumbsUp: at === 0 ? 6 : 2,
      thumbsDown: at === 0 ? 1 : 2,
      meanNano: at === 0 ? 7_900_000 : 11_400_000,
      firstTokenMs: at === 0 ? 620 : 1040,
    }),
  );
  const [best, other] = its.map(({ target }) => target);
  if (!best || !other) return { route: { id, name }, targets: its, differences: [], since: null };
  const gone = trialTarget(all, { providerId: 'p-mistral', model: 'mistral-large-2411' }, null, {
    picked: 12,
    answered: 12,
  });
  return {
    route: { id, name },
    targets: [...its, gone],
    differences: [
      { measure: 'answered', best, p: 0.41, sure: false },
      { measure: 'votes', best, p: 0.009, sure: true },
      { measure: 'thumbs', best, p: null, sure: false },
      { measure: 'cost', best, p: 0.0004, sure: true },
      { measure: 'latency', best: other, p: 0.062, sure: false },
    ],
    since: Date.now() - 19 * 86_400_000,
  };
}

/** Thirty models with names of every length, some of them judged once or of unknown cost. */
const many = (): Seed[] =>
  Array.from({ length: 30 }, (_, at): Seed => {
    const [provider, model, , , wins, losses, ties] = seeds[at % 6] ?? ['p-openai', 'gpt-5.4', 0, 0, 1, 1, 0];
    const name = `${model}${at % 5 === 4 ? '-with-a-name-that-is-longer-than-any-column-is-wide' : ''}-${at}`;
    return [provider, name, 1340 - at * 24, at % 7 === 6 ? 900 : 60 + at * 6, wins, losses, ties];
  });

/**
 * The leaderboard and the trials. `?ranking=none` has nothing yet, `one` a single judgement, `many` thirty models,
 * `failed` cannot be counted.
 */
export function fakeRanking(
  query: URLSearchParams,
  providers: () => ProviderView[],
  routes: () => RouteView[],
): Part {
  const manner = query.get('ranking');
  return {
    async leaderboard({ tag, blindOnly }): Promise<Leaderboard> {
      if (manner === 'failed') refuse('internal');
      if (manner === 'none') return { rows: [], judgements: 0, pairs: 0, tags: [] };
      if (manner === 'many')
        return { rows: rowsOf(providers(), many()), judgements: 640, pairs: 2980, tags: [] };
      const tags = [
        { tag: 'explain', judgements: 22 },
        { tag: 'code', judgements: 14 },
        { tag: 'names', judgements: 5 },
      ];
      if (manner === 'one') {
        const few = seeds
          .slice(0, 2)
          .map(([provider, model], at): Seed => [provider, model, 1090 - at * 180, 480, 1 - at, at, 0]);
        return { rows: rowsOf(providers(), few), judgements: 1, pairs: 1, tags: [] };
      }
      const some =
        tag === null && !blindOnly ? seeds : seeds.map((seed, at) => shifted(seed, tag ?? 'blind', at));
      const judgements =
        tag === null ? (blindOnly ? 38 : 112) : (tags.find((one) => one.tag === tag)?.judgements ?? 0);
      return { rows: rowsOf(providers(), some), judgements, pairs: judgements * 3, tags };
    },
    async routeTrials() {
      const weighted = routes().filter(({ strategy }) => strategy === 'weighted');
      return manner === 'none' ? [] : weighted.map((route) => trialOf(providers(), route));
    },
  };
}
