import type { Category, FailureView, MessageView, Settled } from '$lib/ipc/bindings';
import type { BackendError } from '$lib/ipc/errors';
import { compareEn } from './compare.en';
import { composerEn } from './composer.en';
import { costsEn } from './costs.en';
import { diffEn } from './diff.en';
import { exchangeEn } from './exchange.en';
import { fallbackEn } from './fallback.en';
import { failures } from './failures.en';
import { budgetsEn } from './budgets.en';
import type { Format } from './format';
import { keysEn } from './keys.en';
import { markdownEn } from './markdown.en';
import { messagesEn } from './messages.en';
import { providerEn } from './provider.en';
import { onboardingEn, providersEn } from './providers.en';
import { listEn } from './list.en';
import { outsideEn } from './outside.en';
import { actionsEn } from './actions.en';
import { paletteEn } from './palette.en';
import { paneEn, providerFormEn } from './pane.en';
import { pickerEn } from './picker.en';
import { pricesEn } from './prices.en';
import { queueEn } from './queue.en';
import { rankingEn } from './ranking.en';
import { recoveryWords } from './recovery.en';
import { routesEn } from './routes.en';
import { settingsEn } from './settings.en';
import { searchEn } from './search.en';
import { credentialsEn, relayEn, signInEn, specialEn } from './special.en';
import { many } from './words';

function costWords(settled: Settled, format: Format): string {
  const cost = settled.attempts.at(-1)?.cost;
  if (!cost) return '';
  if (cost.source === 'free') return ', no charge';
  if (cost.totalNano === null) return ', cost unknown';
  return cost.source === 'estimated'
    ? `, about ${format.estimate(cost.totalNano).slice(2)}`
    : `, ${format.money(cost.totalNano)}`;
}

function doneWords(settled: Settled, message: MessageView, format: Format): string {
  const text = message.parts.filter((part) => part.kind === 'text').map((part) => part.text);
  const words = format.words(text.join(' '));
  const kept = `${format.count(words)} ${many(words, 'word', 'words')}`;
  if (settled.status === 'complete') return `Done, ${kept}${costWords(settled, format)}`;
  if (settled.status === 'cancelled') return `Stopped, ${kept} kept`;
  const last = settled.attempts.at(-1);
  const why = last?.error ? failures.title(last.error.category, last.providerName, last.error) : '';
  if (settled.replacedBy) return `Cut off, ${kept} kept. ${why} It is answered anew.`.replace('  ', ' ');
  if (settled.status === 'interrupted') return `Cut off, ${kept} kept. ${why}`.trim();
  return `The answer failed. ${why}`.trim();
}

/** Every sentence a person can see. Rust sends codes and data. */
export const t = {
  app: {
    name: 'Parlance',
    views: 'Views',
    close: 'Close',
    cancel: 'Cancel',
    loading: 'Opening your chats',
    partFailed: 'This part of the window could not be loaded.',
    notices: 'Notices',
  },
  nav: {
    chat: 'Chat',
    compare: 'Compare',
    providers: 'Providers',
    routes: 'Routes',
    costs: 'Costs',
    search: 'Search',
    settings: 'Settings',
    spend: (amount: string) => `Spent this month: ${amount}`,
    spendShort: 'this month',
    partly: 'at least',
    unknown: 'unknown',
    partlyLong: (unknown: number) =>
      `${unknown} ${many(unknown, 'answer has', 'answers have')} no known price and ${many(unknown, 'is', 'are')} not in this sum.`,
  },
  demo: {
    banner: 'You are in the demo.',
    explain: 'Scripted answers, not a model. No key, no network; your own chats are untouched.',
    leave: 'Leave the demo',
    leaving: 'Leaving',
  },
  list: listEn,
  chat: {
    untitled: 'New chat',
    conversation: 'Conversation',
    saved: 'Saved',
    saving: 'Saving',
    rename: 'Rename chat',
    answers: (count: number) => `${count} ${many(count, 'answer', 'answers')}`,
    estimated: (amount: string) => `of which ${amount} estimated`,
    unknownAmounts: (count: number) => `${count} without a known cost`,
    emptyTitle: 'What would you like to ask?',
    emptyHint: 'Every answer says who wrote it, how long it took and what it cost.',
    noModelTitle: 'Connect a model to begin',
    noModelHint: 'Add a provider with a key or a server on this computer, or try the demo first.',
    addProvider: 'Add a provider',
    openDemo: 'Open the demo',
    recovered: (count: number) =>
      `${count} ${many(count, 'answer was', 'answers were')} cut off when Parlance last closed. What came is kept.`,
    newText: 'New text below',
    toEnd: 'Jump to the end',
    you: 'You',
    answerBy: (model: string, provider: string) => `Answer by ${model} through ${provider}`,
    loadFailed: 'This chat could not be opened.',
    reload: 'Try again',
    deletedModel: 'no model',
  },
  composer: composerEn,
  compare: compareEn,
  queue: queueEn,
  fallback: fallbackEn,
  diff: diffEn,
  ranking: rankingEn,
  exchange: exchangeEn,
  pane: paneEn,
  providerForm: providerFormEn,
  answer: {
    thinking: 'Thinking',
    thought: (duration: string | null, tokens: string | null) =>
      ['Thought', duration && `for ${duration}`].filter(Boolean).join(' ') +
      (tokens ? `, ${tokens} tokens` : ''),
    reasoning: 'Reasoning',
    firstToken: 'first token',
    perSecond: 'tok/s',
    tokensIn: 'in',
    tokensOut: 'out',
    reported: 'reported',
    priced: 'at list price',
    free: 'no charge',
    unknownCost: 'cost unknown',
    estimatedTitle: 'Estimated from guessed tokens and the list price',
    pricedTitle: 'Reported tokens times the list price',
    reportedTitle: 'The provider’s own figure',
    unknownTitle: 'The provider reported nothing and no price is known. It is not counted as zero.',
    waiting: 'Waiting for the first word',
    writing: 'Writing',
    stop: 'Stop',
    copy: 'Copy answer',
    copied: 'Copied',
    copyFailed: 'Copying did not work. Select the text and copy it with the keyboard.',
    again: 'Answer again',
    againWith: 'Answer again with another model',
    version: (at: number, of: number) => `${at}/${of}`,
    versionLabel: (at: number, of: number) => `Version ${at} of ${of}`,
    olderVersion: 'Older version',
    newerVersion: 'Newer version',
    served: (model: string) => `served as ${model}`,
    attemptAnswered: 'Answered.',
    notBilled: 'Not billed.',
    attemptStopped: 'Stopped by you.',
    attemptRunning: 'Running.',
    refusal: 'The model declined.',
    toolCall: (name: string) => `Asked for the tool ${name}`,
    toolResult: (name: string) => `Result of ${name}`,
    serverTool: (name: string) => `Used ${name}`,
    media: 'Attached by the model',
    citation: 'Source',
    /** Words of a warning; those without a subject get one. */
    warning: (code: string, text: string) =>
      text === ''
        ? `The provider warns: ${code}`
        : code === 'asks_again'
          ? `The program ${text}`
          : text.charAt(0).toUpperCase() + text.slice(1),
    empty: 'The model ended without a word.',
    length: 'The answer reached the output limit of the model.',
    filtered: 'The provider’s filter ended this answer.',
  },
  messages: messagesEn,
  seam: {
    stopped: 'You stopped this answer.',
    kept: (tokens: string) => `${tokens} kept`,
    keptTokens: (count: number, text: string) => `${text} ${many(count, 'token', 'tokens')}`,
    keptWords: (count: number, text: string) => `${text} ${many(count, 'word', 'words')}`,
    nothingKept: 'Nothing had come yet.',
    continue: 'Continue',
    retry: 'Retry',
    retryWith: 'Retry with',
    interrupted: 'Cut off.',
    closed: 'Parlance closed while this was being written.',
    lostConnection: (who: string) => `${who} closed the connection.`,
    silent: (who: string) => `${who} fell silent.`,
  },
  failure: {
    title: (category: Category, who: string, failure: FailureView | null) =>
      failures.title(category, who, failure),
    next: (category: Category, who: string, keyUrl: string | null, failure: FailureView | null) =>
      failures.next(category, who, keyUrl, failure),
    check: failures.check,
    inTheirWords: 'In the provider’s words',
    details: 'Details',
    status: 'Status',
    code: 'Code',
    safe: 'Your message is saved.',
    openProvider: 'Open provider',
  },
  code: {
    copy: 'Copy code',
    copied: 'Copied',
    plain: 'Text',
    showAll: (lines: number) => `Show all ${lines} lines`,
    showLess: 'Show less',
  },
  markdown: {
    image: 'Image, not loaded',
    done: 'done',
    open: 'not done',
  },
  picker: pickerEn,
  palette: paletteEn,
  actions: actionsEn,
  providers: providersEn,
  provider: providerEn,
  keys: keysEn,
  credentials: credentialsEn,
  signIn: signInEn,
  relay: relayEn,
  routes: routesEn,
  costs: costsEn,
  prices: pricesEn,
  budgets: budgetsEn,
  special: specialEn,
  search: searchEn,
  render: markdownEn,
  settings: settingsEn,
  outside: outsideEn,
  onboarding: onboardingEn,
  recovery: {
    words: recoveryWords,
    where: 'What the app saw',
    copy: 'Copy these words',
    again: 'Try again',
    trying: 'Trying',
  },
  errors: {
    stream: (detail: string) => `The window lost its stream (${detail}). Answers go on; reload to see them.`,
    /** Why a command did nothing, and what to do. */
    command: (error: BackendError) => {
      const { category, status, reason: code, message } = error;
      if (error.budgets.length > 0)
        return `${t.budgets.over.unsent} ${t.budgets.over.plain(error.budgets, Date.now())}`;
      if (error.code === 'prices') return t.prices.refused(code);
      if (!category || category === 'internal') {
        return failures.reason(error.code, code) ?? failures.command(error.code, message);
      }
      const failure = { category, status, code, message };
      const who = 'The provider';
      return `${failures.title(category, who, failure)} ${failures.next(category, who, null, failure)}`;
    },
  },
  announce: {
    answering: (who: string) => `${who} is answering`,
    done: doneWords,
  },
};

export type Text = typeof t;
