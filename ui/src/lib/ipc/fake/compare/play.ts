import type { AttemptView, BudgetWarning, FailureView, MessageView, ProviderView } from '../../bindings';
import { failure } from '../checks';
import { attempt, cost, fresh, type StoredChat } from '../data';
import type { FakeStream } from '../stream';
import { spendOf, type StoredCompare } from './stored';

/** Ticks of the clock before the first word, and words at each tick after it. */
type Manner = { first: number; words: number };

const MANNERS: [RegExp, Manner][] = [
  [/llama|oss/, { first: 6, words: 5 }],
  [/gpt/, { first: 24, words: 2 }],
  [/gemini/, { first: 20, words: 3 }],
  [/claude/, { first: 34, words: 1 }],
  [/deepseek/, { first: 48, words: 1 }],
];
const USUAL: Manner = { first: 28, words: 1 };
/** Words after which a scripted answer breaks off, and ticks until one fails or moves on. */
const BREAKS_AT = 20;
const FAILS_AT = 14;
const LONG = 40;

export type Script = 'fail' | 'queue' | 'cut' | 'hold' | 'hop';

type Run = {
  runId: string;
  stored: StoredCompare;
  message: MessageView;
  timer: ReturnType<typeof setInterval>;
};

type Around = {
  stream: FakeStream;
  pace: number;
  providers: () => ProviderView[];
  /** Books an answer that ended. */
  book: (attempt: AttemptView, stored: StoredChat, messageId: string) => BudgetWarning[];
};

const quota = (): FailureView =>
  failure(
    'rate_limited',
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota: 50 requests a day for this model on the free tier. It resets at 08:00.',
  );

const tokensOf = (text: string) => Math.ceil(text.length / 4);
const said = ({ parts }: MessageView) => parts.map(({ text }) => text).join('');

/** What a scripted word in `?script=` says of a model: `fail:gemini,queue:deepseek`. */
export function scriptOf(query: URLSearchParams, model: string): Script | null {
  for (const line of (query.get('script') ?? '').split(',')) {
    const [word, of] = line.split(':');
    if (of && model.includes(of)) return word as Script;
  }
  return null;
}

/** Answers that are written side by side, each at its own speed. */
export class LanePlayer {
  #runs: Run[] = [];
  readonly #around: Around;

  constructor(around: Around) {
    this.#around = around;
  }

  running(stored: StoredChat): boolean {
    return this.#runs.some((run) => run.stored === stored);
  }

  writes(messageId: string): boolean {
    return this.#runs.some(({ message }) => message.id === messageId);
  }

  stop(runId: string): boolean {
    const run = this.#runs.find((one) => one.runId === runId);
    if (run) this.#finish(run, 'cancelled');
    return run !== undefined;
  }

  /** Whom a target of a route goes on with comes along for the script `hop`. */
  begin(
    stored: StoredCompare,
    message: MessageView,
    text: string,
    script: Script | null,
    next: { provider: ProviderView; model: string } | null = null,
  ): string {
    const { stream, pace } = this.#around;
    const runId = fresh('r');
    const words = text.match(/\S+\s*/g) ?? [];
    // Text of the same attempt goes on where it stands.
    const before = message.parts.at(-1);
    const goesOn = before !== undefined && before.attemptId === message.attempts.at(-1)?.id;
    const base = goesOn ? before.ordinal : message.parts.length;
    let at = 0;
    let ticks = 0;
    let held = script === 'queue';
    stored.summary.running = true;
    stream.begin(runId, stored.summary.id, message);
    const asked = message.attempts.at(-1);
    const target = { providerId: asked?.providerId ?? '', model: asked?.model ?? '' };
    if (held && asked) message.attempts = [];

    const waits = () => {
      const others = this.#runs.filter((one) => one.stored === stored && one !== run).length;
      if (ticks === 1)
        stream.wait(runId, { target, limit: 'concurrent', ahead: 1, until: null, retry: null });
      if (others > 0 && ticks < LONG * 3) return;
      held = false;
      ticks = 0;
      if (asked) message.attempts = [{ ...asked, startedAt: Date.now() }];
      stream.wait(runId, null);
      stream.rotate(runId);
    };

    const hops = () => {
      const first = message.attempts.at(-1);
      if (!first || !next) return;
      Object.assign(first, this.#ended(first, 'failed', overloaded(), message));
      message.attempts.push(
        attempt(next.provider, next.model, {
          ...running,
          route: first.route,
          reason: 'nextTarget',
          startedAt: Date.now(),
        }),
      );
      stream.rotate(runId);
    };

    const tick = () => {
      ticks += 1;
      if (held) return waits();
      const last = message.attempts.at(-1);
      const manner = MANNERS.find(([name]) => name.test(last?.model ?? ''))?.[1] ?? USUAL;
      if (script === 'fail' && ticks >= FAILS_AT) return this.#finish(run, 'failed', quota());
      if (script === 'hop' && next && message.attempts.length === 1 && ticks >= FAILS_AT) {
        ticks = 0;
        return hops();
      }
      if (script === 'hop' && next && message.attempts.length === 1) return;
      if (ticks < manner.first) return;
      if (last && last.firstTokenMs === null) last.firstTokenMs = Date.now() - last.startedAt;
      if (script === 'cut' && at >= BREAKS_AT)
        return this.#finish(run, 'interrupted', failure('broken_stream', null, 'reset', 'connection reset'));
      const piece = words.slice(at, at + manner.words).join('');
      at += manner.words;
      if (piece === '' && script === 'hold') at = 0;
      else if (piece === '') return this.#finish(run, 'complete');
      stream.append(runId, {
        ordinal: base,
        kind: 'text',
        attemptId: last?.id ?? '',
        name: null,
        title: null,
        append: piece === '' ? '\n\n' : piece,
      });
    };
    const run: Run = { runId, stored, message, timer: setInterval(tick, pace) };
    this.#runs.push(run);
    return runId;
  }

  #ended(
    last: AttemptView,
    outcome: AttemptView['outcome'],
    error: FailureView | null,
    message: MessageView,
  ): Partial<AttemptView> {
    const model = this.#around
      .providers()
      .find(({ id }) => id === last.providerId)
      ?.models.find(({ id }) => id === last.model);
    const output = tokensOf(said(message));
    const input = 118;
    const free = last.category === 'local';
    const known = model?.inputNano != null && model.outputNano !== null;
    const nano = known
      ? Math.round((input * (model.inputNano ?? 0) + output * (model.outputNano ?? 0)) / 1e6)
      : null;
    const used = cost({
      inputTotal: input,
      outputTotal: output,
      totalNano: free ? 0 : nano,
      source: free ? 'free' : nano === null ? 'unknown' : outcome === 'complete' ? 'priced' : 'estimated',
      tokensEstimated: outcome !== 'complete',
    });
    const unbilled = cost({ source: 'estimated', totalNano: 0, inputTotal: null, outputTotal: null });
    return {
      outcome,
      durationMs: Date.now() - last.startedAt,
      finishClass: outcome === 'complete' ? 'stop' : null,
      error,
      cost: outcome === 'failed' ? unbilled : used,
    };
  }

  #finish(run: Run, status: MessageView['status'], error: FailureView | null = null): void {
    clearInterval(run.timer);
    this.#runs = this.#runs.filter((one) => one !== run);
    const { stored, message } = run;
    const last = message.attempts.at(-1);
    if (last) Object.assign(last, this.#ended(last, status, error, message));
    message.status = status;
    stored.spend = spendOf(stored.messages);
    const { summary } = stored;
    const now = Date.now();
    Object.assign(summary, {
      running: this.running(stored),
      costNano: stored.spend.totalNano,
      updatedAt: now,
      touched: now,
      mark: last?.mark ?? summary.mark,
      category: last?.category ?? summary.category,
    });
    const budgets = last ? this.#around.book(last, stored, message.id) : [];
    this.#around.stream.settle(run.runId, {
      status,
      attempts: structuredClone(message.attempts),
      summary: structuredClone(summary),
      spend: structuredClone(stored.spend),
      budgets,
      replacedBy: null,
    });
  }
}

const overloaded = () => failure('overloaded', 529, 'overloaded_error', 'Overloaded');

/** Of an attempt that has just begun. */
export const running = {
  firstTokenMs: null,
  durationMs: null,
  outcome: 'streaming',
  finishClass: null,
  finishReason: null,
  cost: null,
} satisfies Partial<AttemptView>;
