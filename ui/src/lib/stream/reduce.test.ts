import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageView, PartDelta, RunDelta } from '$lib/ipc/bindings';
import { nothingSpent, rowOf } from '$lib/ipc/rows';
import { applyDelta, type LiveRun } from './reduce';

const message = (id: string, over: Partial<MessageView> = {}): MessageView => ({
  id,
  role: 'assistant',
  status: 'streaming',
  createdAt: 0,
  parts: [],
  attempts: [],
  versions: [id],
  refused: null,
  merged: null,
  thumb: null,
  ...over,
});

const run = (): LiveRun => ({
  runId: 'r',
  conversationId: 'c',
  seq: 0,
  message: message('m'),
  waiting: null,
  settled: false,
});

const text = (append: string, ordinal = 0): PartDelta => ({
  ordinal,
  kind: 'text',
  attemptId: 'a',
  name: null,
  title: null,
  append,
});

const delta = (seq: number, parts: PartDelta[], settled: RunDelta['settled'] = null): RunDelta => ({
  runId: 'r',
  conversationId: 'c',
  messageId: 'm',
  seq,
  parts,
  waiting: null,
  attempts: null,
  settled,
});

const end = (status: MessageView['status']): RunDelta['settled'] => ({
  status,
  attempts: [],
  summary: rowOf('c'),
  spend: nothingSpent,
  replacedBy: null,
  budgets: [],
});

const words = (live: LiveRun) => live.message.parts.map((part) => part.text);

describe('a run', () => {
  it('appends to the part a delta names and keeps parts in order', () => {
    const live = run();
    applyDelta(live, delta(1, [text('b', 1)]));
    applyDelta(live, delta(2, [{ ...text('thinks'), kind: 'reasoning' }]));
    applyDelta(live, delta(3, [text('c', 1), text('d', 2)]));
    expect(words(live)).toEqual(['thinks', 'bc', 'd']);
    expect(live.message.parts.map((part) => part.kind)).toEqual(['reasoning', 'text', 'text']);
  });

  it('drops what it has', () => {
    const live = run();
    expect(applyDelta(live, delta(1, [text('a')]))).toBe(true);
    expect(applyDelta(live, delta(1, [text('a')]))).toBe(false);
    expect(applyDelta(live, delta(2, [text('b')]))).toBe(true);
    expect(applyDelta(live, delta(1, [text('a')]))).toBe(false);
    expect(words(live)).toEqual(['ab']);
  });

  it('takes the status and figures of its end, and nothing after it', () => {
    const live = run();
    applyDelta(live, delta(1, [text('a')], end('cancelled')));
    expect(live.message.status).toBe('cancelled');
    expect(live.settled).toBe(true);
    expect(applyDelta(live, delta(2, [text('late')]))).toBe(false);
    expect(words(live)).toEqual(['a']);
  });

  it('waits as long as the deltas say so, and never after its end', () => {
    const live = run();
    const waiting = {
      target: { providerId: 'p', model: 'm' },
      limit: 'concurrent',
      ahead: 2,
      until: null,
      retry: null,
    } as const;
    applyDelta(live, { ...delta(1, []), waiting });
    expect(live.waiting).toEqual(waiting);
    applyDelta(live, { ...delta(2, []), waiting: { ...waiting, ahead: 1 } });
    expect(live.waiting?.ahead).toBe(1);
    expect(applyDelta(live, { ...delta(2, []), waiting })).toBe(false);
    expect(live.waiting?.ahead).toBe(1);
    applyDelta(live, delta(3, [text('a')]));
    expect(live.waiting).toBeNull();
    applyDelta(live, { ...delta(4, [], end('cancelled')), waiting });
    expect(live.waiting).toBeNull();
  });

  it('takes the attempts where one ended and another began, and keeps them where nothing is said', () => {
    const live = run();
    const attempts = [{ id: 'a' }, { id: 'b' }] as RunDelta['attempts'];
    applyDelta(live, { ...delta(1, []), attempts });
    applyDelta(live, delta(2, [{ ...text('x'), attemptId: 'b' }]));
    expect(live.message.attempts.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('gives the same text however it is cut into deltas and however often they come', () => {
    const pieces = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 3 }), fc.string({ minLength: 1, maxLength: 5 })),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(
        pieces,
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1 }),
        fc.array(fc.nat(9)),
        (all, cuts, again) => {
          const whole = run();
          applyDelta(
            whole,
            delta(
              1,
              all.map(([ordinal, append]) => text(append, ordinal)),
              end('complete'),
            ),
          );

          const cut = run();
          const sent: RunDelta[] = [];
          for (let at = 0, seq = 1; at < all.length; seq += 1) {
            const take = cuts[seq % cuts.length] ?? 1;
            const parts = all.slice(at, at + take).map(([ordinal, append]) => text(append, ordinal));
            at += take;
            const next = delta(seq, parts, at >= all.length ? end('complete') : null);
            sent.push(next);
            applyDelta(cut, next);
            for (const old of again) if (sent[old]) applyDelta(cut, sent[old]);
          }
          expect(cut.message).toEqual(whole.message);
        },
      ),
      { seed: 20_250_102 },
    );
  });
});
