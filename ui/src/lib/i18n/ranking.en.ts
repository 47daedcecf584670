import type { TrialMeasure } from '$lib/ipc/bindings';
import { format } from './format';
import { many } from './words';

/** What a difference is taken to be, from how likely chance alone would make it. */
function verdict(p: number, sure: boolean): string {
  return `${sure ? 'More than chance' : 'Could be chance'} (p ${format.chance(p)})`;
}

const measures: Record<TrialMeasure, [name: string, best: (model: string) => string]> = {
  answered: ['Answered', (model) => `${model} answers most often`],
  votes: ['Votes', (model) => `${model} wins most often`],
  thumbs: ['Thumbs', (model) => `${model} gets most thumbs up`],
  cost: ['Cost', (model) => `${model} costs least`],
  latency: ['First token', (model) => `${model} begins soonest`],
};

/** What is counted where there is too little of it. */
const units: Record<TrialMeasure, [one: string, more: string]> = {
  answered: ['answer', 'answers'],
  votes: ['vote', 'votes'],
  thumbs: ['thumb', 'thumbs'],
  cost: ['answer', 'answers'],
  latency: ['answer', 'answers'],
};

/** How models rank by the person's own judgements, and weighted routes as experiments. */
export const rankingEn = {
  title: 'Ranking',
  back: 'Back to Compare',
  loading: 'Counting your judgements',
  failed: 'The ranking could not be counted.',
  again: 'Try again',
  stale: 'What stands here was counted before.',
  board: {
    title: 'By your own judgements',
    count: (judgements: number, pairs: number) =>
      `${format.count(judgements)} ${many(judgements, 'judgement', 'judgements')} of ${format.count(pairs)} ${many(pairs, 'pair', 'pairs')} of answers`,
    meaning:
      'Points say how often you would prefer a model: 1,000 is the average, and 400 more wins ten times out of eleven. The line is the range that holds the true value with 95 %; every vote makes it shorter. The rank counts only those that are surely ahead.',
    chart: 'Points',
    rank: 'Rank',
    model: 'Model',
    points: 'Points',
    range: 'With 95 %',
    record: 'Won, lost, tied',
    cost: 'Cost',
    costTitle: 'What an answer that was judged cost, in the mean',
    first: 'First token',
    firstTitle: 'Median time to the first token of the answers that were judged',
    speed: 'Tok/s',
    speedTitle: 'Median output tokens a second of the answers that were judged',
    interval: (points: number, low: number, high: number) =>
      `${format.count(points)} points, with 95 % between ${format.count(low)} and ${format.count(high)}`,
    won: (wins: number, losses: number, ties: number) =>
      `${format.count(wins)} won, ${format.count(losses)} lost, ${format.count(ties)} tied`,
    free: 'no charge',
    unknown: 'unknown',
  },
  filter: {
    tag: 'Tag',
    all: 'All tags',
    option: (tag: string, judgements: number) => `${tag}, ${format.count(judgements)}`,
    blind: 'Blind only',
    blindTitle: 'Only judgements that were given while the names were hidden',
    said: (judgements: number) =>
      `${format.count(judgements)} ${many(judgements, 'judgement counts', 'judgements count')}`,
    nothing: 'No judgement fits this filter.',
    clear: 'Show all',
  },
  empty: {
    title: 'No judgements yet',
    hint: 'Ask several models the same in Compare, then pick the best answer or rank them. Each pick counts here. With the names hidden, nothing but the answer counts.',
    go: 'Compare answers',
  },
  trials: {
    title: 'Weighted routes',
    note: 'How their targets do against each other',
    emptyTitle: 'No weighted route yet',
    empty:
      'A route that draws its targets by weight is an experiment: it tells here which target answers better, for how much, and whether that is more than chance.',
    routes: 'Open routes',
    open: (name: string) => `Open the route ${name}`,
    count: (answers: number, since: string) =>
      `${format.count(answers)} ${many(answers, 'prompt', 'prompts')} since ${since}`,
    none: 'Nothing was asked of it yet.',
    table: (name: string) => `Targets of ${name}`,
    target: 'Target',
    planned: 'Planned',
    seen: 'Seen',
    answered: 'Answered',
    votes: 'Won, lost',
    thumbs: 'Thumbs',
    thumbsOf: (up: number, down: number) => `${format.count(up)} up, ${format.count(down)} down`,
    votesOf: (wins: number, losses: number) => `${format.count(wins)} won, ${format.count(losses)} lost`,
    cost: 'Cost',
    costTitle: 'What an answer cost, in the mean',
    first: 'First token',
    gone: 'removed',
    goneTitle: 'It is no longer a target of this route.',
    differences: 'Is that more than chance?',
    measure: (measure: TrialMeasure) => measures[measure][0],
    best: (measure: TrialMeasure, model: string) => measures[measure][1](model),
    verdict,
    needed: (measure: TrialMeasure, each: number) =>
      `Too little to tell: it takes about ${format.count(each)} ${many(each, ...units[measure])} each`,
    soFar: (measure: TrialMeasure, each: number) =>
      `Too little to tell: one of them has ${each === 0 ? 'no' : `only ${format.count(each)}`} ${many(each, ...units[measure])} so far`,
    meaning:
      'p is how likely chance alone would make a difference as large as this. Below 0.05 it is called more than chance, with several targets only after a correction for testing them all.',
  },
  thumbs: {
    up: 'Good answer',
    down: 'Bad answer',
    back: { up: 'Take back: good answer', down: 'Take back: bad answer' },
  },
};
