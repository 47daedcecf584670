import type { LimitKind, LimitSettings, MessageView } from '../bindings';
import { failure } from './checks';
import { fresh } from './data';
import type { FakeStream } from './stream';

/** Ticks of the clock between two places of the queue. */
const STEP = 40;
const SECONDS = 12;

export const queueLimits: LimitSettings = {
  requestsPerMinute: 60,
  tokensPerMinute: 40_000,
  concurrent: 1,
};

/**
 * What comes before the first word. `?queue=concurrent|requests|tokens` lets an answer wait behind two others, with
 * `?held=1` until it is stopped; `?rotate=1` has its first key rejected and goes on with another.
 */
export function fakeQueue(query: URLSearchParams) {
  const limit = query.get('queue') as LimitKind | null;
  const held = query.has('held');
  const rotating = query.has('rotate');

  function waiting(stream: FakeStream, runId: string, message: MessageView, kind: LimitKind): () => boolean {
    // An attempt begins when its request leaves.
    const attempts = message.attempts;
    const [attempt] = attempts;
    const target = { providerId: attempt?.providerId ?? '', model: attempt?.model ?? '' };
    message.attempts = [];
    const until = kind === 'concurrent' ? null : Date.now() + SECONDS * 1000;
    let ticks = 0;
    return () => {
      const ahead = 2 - Math.floor(ticks / STEP);
      const due = ticks % STEP === 0;
      if (!held || ticks === 0) ticks += 1;
      if (due) stream.wait(runId, ahead < 0 ? null : { target, limit: kind, ahead, until, retry: null });
      if (ahead >= 0) return true;
      message.attempts = attempts.map((one) => ({ ...one, startedAt: Date.now() }));
      stream.rotate(runId);
      return false;
    };
  }

  function rotation(stream: FakeStream, runId: string, message: MessageView): () => boolean {
    let ticks = 0;
    const asked = message.attempts.at(-1);
    if (asked) asked.account = 'Personal';
    return () => {
      ticks += 1;
      const first = message.attempts.at(-1);
      if (!first || ticks > STEP) return false;
      if (ticks < STEP) return true;
      message.attempts.push({
        ...first,
        id: fresh('a'),
        account: 'Work',
        reason: 'nextAccount',
        startedAt: Date.now(),
      });
      Object.assign(first, {
        outcome: 'failed',
        durationMs: Date.now() - first.startedAt,
        error: failure('rejected_key', 401, 'invalid_api_key', 'Incorrect API key provided.'),
      });
      stream.rotate(runId);
      return true;
    };
  }

  /** Called at each tick; true as long as no word may come. */
  return (stream: FakeStream, runId: string, message: MessageView): (() => boolean) => {
    const stages: (() => boolean)[] = [];
    if (limit) stages.push(waiting(stream, runId, message, limit));
    if (rotating) stages.push(rotation(stream, runId, message));
    return () => {
      for (;;) {
        const [stage] = stages;
        if (!stage) return false;
        if (stage()) return true;
        stages.shift();
      }
    };
  };
}
