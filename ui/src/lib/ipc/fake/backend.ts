import { isSame, toModel } from '$lib/targets';
import type { Backend } from '../backend';
import type {
  AttemptView,
  Bootstrap,
  MessageView,
  ProviderView,
  RunReceipt,
  Settings,
  ChatTarget,
} from '../bindings';
import { demoProvider } from './catalogue';
import { failure } from './checks';
import { fakeCompare } from './compare/compare';
import { fakeRanking } from './compare/ranking';
import { emptyDraft, fakeComposing, keptFile } from './composing';
import { answer, attempt, chat, cost, fresh, userMessage, type StoredChat } from './data';
import { fakeCosts } from './costs/costs';
import { refuse } from './refuse';
import { Folder, folderFor } from './folder';
import { hops, nobody } from './fallback';
import { fakeExchange } from './exchange';
import { fakeMessages } from './messages';
import { fakeRegistry } from './registry';
import { FakeRelays } from './relays';
import { fakeShelves } from './shelves';
import { fakeSignIns } from './signIns';
import { fakeRoutes } from './routes';
import { fakeSearch } from './search';
import { fakeQueue, queueLimits } from './queue';
import { FakeStores } from './stores';
import { FakeStream } from './stream';
import { askedFirst } from './routing';
import { answerTo, batching, reasoning } from './texts';

const WORD_MS = 24;
/** What an answer of the fake costs. */
const ANSWER_NANO = 15_600_000;

type Running = {
  runId: string;
  stored: StoredChat;
  message: MessageView;
  timer: ReturnType<typeof setInterval> | undefined;
};

const copy = <T>(value: T): T => structuredClone(value);

/**
 * A whole application in the page, for design work and tests. Scenes are chosen with `?scene=`, the
 * theme with `?theme=`; it is in no build for people.
 */
export function fakeBackend(query: URLSearchParams): Backend {
  const scene = query.get('scene') ?? 'chat';
  const theme = (query.get('theme') ?? 'system') as Settings['theme'];
  const pace = Number(query.get('pace') ?? WORD_MS);
  const stream = new FakeStream();
  const own = folderFor(scene, theme, Number(query.get('chats') ?? 400));
  // `?kept=` names settings that outlive the page; `?lists=fail-once` fails the second page of the list, once.
  const kept = query.get('kept');
  const before = kept === null ? null : localStorage.getItem(kept);
  if (before !== null) Object.assign(own.settings, JSON.parse(before));
  const [asked] = own.providers;
  if (asked && query.has('queue')) asked.settings.limits = queueLimits;
  let failing = query.get('lists') === 'fail-once';
  let folder = own;
  let running: Running[] = [];
  const others = new Map<string, MessageView[]>();
  const queue = fakeQueue(query);
  const stores = new FakeStores(query);
  const relays = new FakeRelays(stream, (messageId, status) => {
    const run = running.find(({ message }) => message.id === messageId);
    if (run) finish(run, status);
  });

  const { routes, ...routing } = fakeRoutes(query, () => folder, view);
  const costs = fakeCosts(query, () => folder, routes);
  const composing = fakeComposing(() => folder, routes, costs.budgets);
  const compare = fakeCompare(query, () => folder, routes, stream, costs, pace);

  function bootstrap(): Bootstrap {
    return copy({
      version: '0.1.0',
      demo: folder.demo,
      dataDir: folder.demo ? '/home/ada/.local/share/parlance/demo' : '/home/ada/.local/share/parlance',
      settings: folder.settings,
      providers: folder.providers,
      routes: routes(),
      conversations: folder.page('list', null),
      interrupted: scene === 'interrupted' && !folder.demo ? 1 : 0,
      spend: spent(),
      draft: folder.draft,
    });
  }

  const spent = () => (costs.ledger.seeded ? costs.ledger.spend() : folder.spend());

  function providerOf(id: string): ProviderView {
    const provider = folder.providers.find((known) => known.id === id) ?? refuse('not_found');
    if (!provider.ready) {
      refuse('provider', { category: 'missing_key', message: 'no key' });
    }
    return provider;
  }

  function begin(wanted: ChatTarget, overBudget = false): AttemptView {
    const { route, target } = askedFirst(folder, routes(), wanted);
    const provider = providerOf(target.providerId);
    if (provider.category !== 'local')
      costs.budgets.admit({ providerId: provider.id, routeId: route?.id ?? null }, ANSWER_NANO, overBudget);
    return attempt(provider, target.model, {
      route,
      startedAt: Date.now(),
      firstTokenMs: null,
      durationMs: null,
      outcome: 'streaming',
      finishClass: null,
      finishReason: null,
      cost: null,
    });
  }

  /** Whom an answer is asked of that is asked for again. */
  const again = (before: AttemptView | undefined) =>
    toModel({ providerId: before?.providerId ?? '', model: before?.model ?? '' });

  function touch(stored: StoredChat, last: AttemptView): void {
    const now = Date.now();
    Object.assign(stored.summary, { updatedAt: now, touched: now, mark: last.mark, category: last.category });
  }

  /** Its list says no price. */
  function isUnpriced({ providerId, model }: AttemptView): boolean {
    const provider = folder.providers.find(({ id }) => id === providerId);
    return provider?.models.find(({ id }) => id === model)?.inputNano === null;
  }

  function finish(
    run: Running,
    status: MessageView['status'],
    error: AttemptView['error'] = null,
    replacedBy: RunReceipt | null = null,
  ): void {
    clearInterval(run.timer);
    running = running.filter((other) => other !== run);
    const last = run.message.attempts.at(-1);
    if (!last) {
      // It was stopped before its turn: nobody was asked.
      run.message.status = status;
      run.stored.summary.running = false;
      const { summary, spend } = copy(run.stored);
      stream.settle(run.runId, { status, attempts: [], summary, spend, budgets: [], replacedBy: null });
      return;
    }
    const free = last.category === 'local' || relays.carries(run.message.id);
    const unpriced = costs.ledger.seeded && isUnpriced(last);
    const nano = free || unpriced ? 0 : ANSWER_NANO;
    const figures =
      status === 'failed'
        ? null
        : relays.carries(run.message.id)
          ? cost({ source: 'free', totalNano: 0, inputTotal: null, outputTotal: null })
          : unpriced
            ? cost({ source: 'unknown', totalNano: null })
            : cost({
                source: free ? 'free' : status === 'complete' ? 'reported' : 'estimated',
                totalNano: nano,
              });
    const ended = Date.now() - last.startedAt;
    Object.assign(last, {
      outcome: status,
      durationMs: ended,
      firstTokenMs: Math.min(320, ended),
      error,
      cost: figures,
    });
    if (status === 'complete') last.finishClass = 'stop';
    run.message.status = status;
    run.stored.summary.running = replacedBy !== null;
    run.stored.summary.costNano += nano;
    run.stored.spend = {
      ...run.stored.spend,
      totalNano: run.stored.spend.totalNano + nano,
      entries: run.stored.spend.entries + 1,
      unknown: run.stored.spend.unknown + Number(unpriced),
    };
    touch(run.stored, last);
    const budgets = costs.book(last, run.stored, run.message.id);
    stream.settle(run.runId, {
      status,
      attempts: copy(run.message.attempts),
      summary: copy(run.stored.summary),
      spend: copy(run.stored.spend),
      budgets,
      replacedBy,
    });
  }

  function play(stored: StoredChat, message: MessageView, text: string, thinks = ''): Running {
    const runId = fresh('r');
    const ordinal = message.parts.length;
    const pieces: { text: string; kind: 'text' | 'reasoning'; ordinal: number }[] = [
      ...(thinks.match(/\S+\s*/g) ?? []).map((word) => ({ text: word, kind: 'reasoning' as const, ordinal })),
      ...(text.match(/\S+\s*/g) ?? []).map((word) => ({
        text: word,
        kind: 'text' as const,
        ordinal: ordinal + (thinks ? 1 : 0),
      })),
    ];
    stored.summary.running = true;
    stream.begin(runId, stored.summary.id, message);
    if (relays.takes(stored, message, folder.providers)) return carried(runId, stored, message);
    let at = 0;
    const before = queue(stream, runId, message);
    const route = hops(query, stream, runId, message, targetsOf(message));
    const tick = () => {
      if (before() || route.holds(at)) {
        if (route.broke) answerAnew(run);
        return;
      }
      const last = message.attempts.at(-1);
      const cutAt = last?.model === 'cut' ? 12 : Infinity;
      if (last?.model === 'failing') {
        finish(run, 'failed', failure('overloaded', 529, 'overloaded', 'The script says: overloaded.'));
        return;
      }
      if (at >= cutAt) {
        finish(run, 'interrupted', failure('broken_stream', null, 'reset', 'The script cuts here.'));
        return;
      }
      const piece = pieces[at++];
      if (!piece) {
        finish(run, 'complete');
        return;
      }
      const { kind, text: append } = piece;
      stream.append(runId, {
        ordinal: piece.ordinal + route.seams,
        kind,
        attemptId: last?.id ?? '',
        name: null,
        title: null,
        append,
      });
    };
    const run: Running = { runId, stored, message, timer: setInterval(tick, pace) };
    running.push(run);
    return run;
  }

  /** What came of an answer stays as a version, and the last target of its route makes another. */
  function answerAnew(run: Running): void {
    const { stored, message } = run;
    const { provider, model } = targetsOf(message)[2] ?? refuse('not_found');
    const begun = begin(toModel({ providerId: provider.id, model }));
    const { route } = message.attempts[0] ?? begun;
    const reply = answer([{ ...begun, route, reason: 'nextTarget' }], [], 'streaming');
    reply.versions = [...message.versions, reply.id];
    others.set(message.id, stored.messages.splice(stored.messages.indexOf(message)));
    stored.messages.push(reply);
    const next = play(stored, reply, answerTo('the same again'));
    finish(
      run,
      'interrupted',
      failure('broken_stream', null, 'reset', 'The script cuts here.'),
      receipt(next, [reply]),
    );
  }

  /** No clock runs for what a person carries. */
  function carried(runId: string, stored: StoredChat, message: MessageView): Running {
    const run: Running = { runId, stored, message, timer: undefined };
    running.push(run);
    return run;
  }

  /** Whom the route of an answer may ask. */
  function targetsOf({ attempts: [first] }: MessageView) {
    const route = routes().find(({ id }) => id === first?.route?.id);
    return (route?.targets ?? []).flatMap(({ target: { providerId, model } }) => {
      const provider = folder.providers.find(({ id }) => id === providerId);
      return provider ? { provider, model } : [];
    });
  }

  function receipt(run: Running, messages: MessageView[]): RunReceipt {
    return copy({ runId: run.runId, summary: run.stored.summary, messages });
  }

  function idle(stored: StoredChat): void {
    if (running.some((run) => run.stored === stored)) refuse('running');
  }

  function view(stored: StoredChat) {
    const last = stored.messages.findLast((message) => message.attempts.length > 0)?.attempts.at(-1);
    return copy({
      summary: stored.summary,
      target: stored.target ?? (last ? toModel(last) : null),
      fallbackRouteId: stored.fallbackRouteId,
      spine: stored.messages.map(({ id, role, parts }) => ({
        id,
        role,
        size: parts.reduce((sum, { text }) => sum + text.length, 0),
      })),
      messages: stored.messages.slice(-40),
      spend: stored.spend,
      setup: stored.setup,
      draft: stored.draft,
    });
  }

  if (scene === 'streaming') {
    const stored = own.listed[0];
    const last = begin(toModel({ providerId: 'p-openai', model: 'gpt-5.4' }));
    const message = answer([last], [], 'streaming');
    if (stored) {
      stored.messages.push(userMessage('Once more, with the table and the code.'), message);
      play(stored, message, batching, reasoning);
    }
  }

  for (const stored of own.chats) {
    const message = stored.messages.at(-1);
    if (scene === 'special' && message?.status === 'streaming') play(stored, message, '');
  }

  return {
    async bootstrap() {
      const code = query.get('fail');
      if (code)
        refuse(code, {
          message: 'The file /home/ada/.local/share/parlance/parlance.db has version 9; this app knows 1.',
        });
      return bootstrap();
    },
    async openDemo() {
      folder = new Folder(true, [], [demoProvider()], {
        theme: own.settings.theme,
        lastTarget: null,
        onboarded: true,
        recentTargets: [],
        defaultTarget: null,
        zoom: 1,
        preferences: {},
        modelsDev: false,
        recordTraffic: false,
        weeklyPrices: false,
        messageLimitNano: null,
      });
      return bootstrap();
    },
    async leaveDemo() {
      folder = own;
      return bootstrap();
    },
    async attach(onFrame) {
      return stream.attach(onFrame);
    },
    async ack(attachment, frame) {
      if (!stream.ack(attachment, frame)) refuse('not_found');
    },
    async setVisible() {},
    async listConversations(shelf, before) {
      if (failing && before !== null) {
        failing = false;
        refuse('busy');
      }
      return folder.page(shelf, before);
    },
    async getConversation(id) {
      const stored = folder.chat(id);
      return stored.compare ? refuse('not_found') : view(stored);
    },
    async renameConversation(id, title) {
      const stored = folder.chat(id);
      stored.summary.title = title;
      return copy(stored.summary);
    },
    ...fakeShelves(() => folder),
    ...fakeMessages(() => folder, view, idle, compare.branch),
    ...composing,
    // `?link=` puts an address of the test's choice behind every link.
    inspectLink: (address) => composing.inspectLink(query.get('link') ?? address),
    async send({ conversationId, text, target, attachments, setup, fallbackRouteId, replaces, overBudget }) {
      if (query.has('nobody') && target.kind === 'route')
        refuse('no_target', { skipped: nobody(folder.providers) });
      const last = begin(target, overBudget);
      let stored: StoredChat;
      if (conversationId === null) {
        stored = chat(text.slice(0, 60), 0, last.mark, last.category, []);
        folder.chats.push(stored);
      } else {
        stored = folder.chat(conversationId);
        idle(stored);
      }
      if (setup) stored.setup = setup;
      if (fallbackRouteId !== null) stored.fallbackRouteId = fallbackRouteId;
      stored.draft = emptyDraft();
      const asked = userMessage(text, attachments.map(keptFile));
      if (replaces !== null) {
        const at = stored.messages.findIndex((message) => message.id === replaces);
        const old = stored.messages[at] ?? refuse('not_found');
        asked.versions = [...old.versions, asked.id];
        others.set(old.id, stored.messages.splice(at));
      }
      const reply = answer([last], [], 'streaming');
      stored.messages.push(asked, reply);
      touch(stored, last);
      stored.target = target;
      folder.settings.lastTarget = target;
      folder.settings.recentTargets = [
        target,
        ...folder.settings.recentTargets.filter((known) => !isSame(known, target)),
      ].slice(0, 8);
      return receipt(play(stored, reply, answerTo(text)), [asked, reply]);
    },
    async stop(runId) {
      if (compare.stop(runId)) return;
      const run = running.find((known) => known.runId === runId);
      if (run) relays.drop(run.message.id);
      if (run) finish(run, 'cancelled');
    },
    async retry(messageId, target, overBudget) {
      const lane = compare.retry(messageId, target, overBudget);
      if (lane) return lane;
      const { stored, message } = folder.holding(messageId);
      idle(stored);
      const before = message.attempts.at(-1);
      const last = begin(target ?? again(before), overBudget);
      const reply = answer([last], [], 'streaming');
      const known = message.versions.filter(
        (id) => stored.messages.some((old) => old.id === id) || others.has(id),
      );
      reply.versions = [...known, reply.id];
      const from = stored.messages.indexOf(message);
      others.set(message.id, stored.messages.splice(from));
      stored.messages.push(reply);
      return receipt(play(stored, reply, answerTo('the same again')), [reply]);
    },
    async continueMessage(messageId, overBudget) {
      const lane = compare.goOn(messageId, overBudget);
      if (lane) return lane;
      const { stored, message } = folder.holding(messageId);
      idle(stored);
      const before = message.attempts.at(-1);
      message.attempts.push({ ...begin(again(before), overBudget), reason: 'continued' });
      message.status = 'streaming';
      return receipt(play(stored, message, ' whether the service time itself has grown.'), [message]);
    },
    async selectVersion(messageId) {
      const kept = others.get(messageId) ?? refuse('not_found');
      const stored =
        folder.chats.find((known) =>
          known.messages.some((message) => message.versions.includes(messageId)),
        ) ??
        folder.chats.find((known) =>
          known.messages.some((message) => kept[0]?.versions.includes(message.id)),
        ) ??
        refuse('not_found');
      const at = stored.messages.findIndex(
        (message) => message.versions.includes(messageId) || kept[0]?.versions.includes(message.id),
      );
      const now = stored.messages[at];
      if (now) {
        others.set(now.id, stored.messages.splice(at));
        const first = kept[0];
        if (first) first.versions = now.versions;
      }
      others.delete(messageId);
      stored.messages.push(...kept);
      return view(stored);
    },
    ...compare.part,
    ...fakeRanking(query, () => folder.providers, routes),
    ...routing,
    ...costs.part,
    ...fakeSearch(query, () => folder),
    ...fakeRegistry(query, () => folder, pace, stores),
    ...fakeSignIns(query, () => folder, pace, stores),
    relays: async () => copy(relays.items),
    answerRelay: async (messageId, text) => relays.answer(messageId, text),
    ...fakeExchange(
      () => folder,
      stores,
      () => folder.settings.recordTraffic,
    ),
    async changeSetting(change) {
      folder.change(change);
      own.settings.theme = folder.settings.theme;
      if (kept !== null) localStorage.setItem(kept, JSON.stringify(folder.settings));
      return copy(folder.settings);
    },
    async spend() {
      return copy(spent());
    },
  };
}
