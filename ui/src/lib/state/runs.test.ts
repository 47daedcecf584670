import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend } from '$lib/ipc/backend';
import type { Frame, MessageView, RunDelta, RunReceipt, RunSnapshot, Settled } from '$lib/ipc/bindings';
import { nothingSpent, rowOf } from '$lib/ipc/rows';
import { Runs, type RunListener } from './runs.svelte';

const message = (id: string, words = ''): MessageView => ({
  id,
  role: 'assistant',
  status: 'streaming',
  createdAt: 0,
  parts:
    words === ''
      ? []
      : [
          {
            ordinal: 0,
            kind: 'text',
            attemptId: 'a',
            text: words,
            name: null,
            title: null,
            isError: false,
            attachment: null,
          },
        ],
  attempts: [],
  versions: [id],
  refused: null,
  merged: null,
  thumb: null,
});

const summary = rowOf('c', { running: true });
const done: Settled = {
  status: 'complete',
  attempts: [],
  summary,
  spend: nothingSpent,
  budgets: [],
  replacedBy: null,
};

const frame = (number: number, seq: number, append: string, settled: Settled | null = null): Frame => ({
  frame: number,
  runs: [
    {
      runId: 'r',
      conversationId: 'c',
      messageId: 'm',
      seq,
      parts: [{ ordinal: 0, kind: 'text', attemptId: 'a', name: null, title: null, append }],
      waiting: null,
      attempts: null,
      settled,
    },
  ],
});

const receipt: RunReceipt = { runId: 'r', summary, messages: [message('m')] };

describe('the stream of the window', () => {
  let sends: ((frame: Frame) => void)[];
  let acked: number[];
  let snapshots: RunSnapshot[][];
  let listener: RunListener;
  let runs: Runs;
  let displays: (() => void)[];

  const display = () => displays.splice(0).forEach((paint) => paint());
  const words = () =>
    runs
      .ofMessage('m')
      ?.message.parts.map((part) => part.text)
      .join('');

  beforeEach(() => {
    sends = [];
    acked = [];
    snapshots = [];
    displays = [];
    vi.stubGlobal('requestAnimationFrame', (paint: () => void) => displays.push(paint));
    vi.stubGlobal('cancelAnimationFrame', () => undefined);
    listener = {
      started: vi.fn(),
      settled: vi.fn(),
      replaced: vi.fn(),
      queued: vi.fn(),
      rotated: vi.fn(),
      lost: vi.fn(),
      failed: vi.fn(),
    };
    const backend = {
      attach: async (onFrame: (frame: Frame) => void) => {
        sends.push(onFrame);
        return { attachment: `w${sends.length}`, runs: snapshots.shift() ?? [] };
      },
      ack: async (_attachment: string, number: number) => void acked.push(number),
    } as unknown as Backend;
    runs = new Runs(backend, listener);
  });

  it('acknowledges a frame after it was applied, and not before', async () => {
    await runs.attach();
    await runs.begin(async () => receipt);
    sends[0]?.(frame(1, 1, 'Hello'));
    expect(acked).toEqual([]);
    expect(words()).toBe('');
    display();
    expect(words()).toBe('Hello');
    expect(acked).toEqual([1]);
  });

  it('puts the text of many columns on the page two by two, and asks for more when all of it stands there', async () => {
    const many = ['1', '2', '3', '4', '5'];
    const snapshot = (id: string): RunSnapshot => ({
      runId: `r${id}`,
      conversationId: 'c',
      seq: 0,
      message: message(`m${id}`),
      waiting: null,
    });
    snapshots = [many.map(snapshot)];
    await runs.attach();
    const [delta] = frame(1, 1, 'word').runs;
    if (!delta) throw new Error('a frame has its delta');
    sends[0]?.({ frame: 1, runs: many.map((id) => ({ ...delta, runId: `r${id}`, messageId: `m${id}` })) });
    const written = () => many.filter((id) => runs.ofMessage(`m${id}`)?.message.parts.length === 1).length;
    for (const [shown, acknowledged] of [
      [2, []],
      [4, []],
      [5, [1]],
    ] as const) {
      display();
      expect(written()).toBe(shown);
      expect(acked).toEqual(acknowledged);
    }
  });

  it('keeps what comes before the receipt of its own message', async () => {
    await runs.attach();
    await runs.begin(async () => {
      sends[0]?.(frame(1, 1, 'ear'));
      display();
      sends[0]?.(frame(2, 2, 'ly', done));
      display();
      return receipt;
    });
    expect(words()).toBe('early');
    expect(listener.settled).toHaveBeenCalledTimes(1);
    expect(sends).toHaveLength(1);
  });

  it('takes in the run that answers anew, with the end of the one before it', async () => {
    await runs.attach();
    await runs.begin(async () => receipt);
    const replacedBy = { runId: 'r2', summary, messages: [message('m2')] };
    sends[0]?.(frame(1, 1, 'half', { ...done, status: 'interrupted', replacedBy }));
    display();
    expect(listener.settled).toHaveBeenCalledTimes(1);
    expect(listener.started).toHaveBeenLastCalledWith(expect.objectContaining({ runId: 'r2' }));
    const [first] = frame(2, 1, 'whole').runs;
    if (first) sends[0]?.({ frame: 2, runs: [{ ...first, runId: 'r2', messageId: 'm2' }] });
    display();
    expect(runs.ofConversation('c')?.message.parts[0]?.text).toBe('whole');
    // Nothing was unknown, so nothing was read again.
    expect(sends).toHaveLength(1);
  });

  it('attaches again for a run that nobody here began', async () => {
    await runs.attach();
    snapshots.push([
      { runId: 'r', conversationId: 'c', seq: 7, message: message('m', 'from elsewhere'), waiting: null },
    ]);
    sends[0]?.(frame(1, 7, 'where'));
    display();
    await vi.waitFor(() => expect(sends).toHaveLength(2));
    await vi.waitFor(() => expect(words()).toBe('from elsewhere'));
    sends[1]?.(frame(2, 8, ', on'));
    display();
    expect(words()).toBe('from elsewhere, on');
  });

  it('takes nothing from an attachment it left', async () => {
    snapshots.push([{ runId: 'r', conversationId: 'c', seq: 1, message: message('m', 'a'), waiting: null }]);
    await runs.attach();
    snapshots.push([{ runId: 'r', conversationId: 'c', seq: 2, message: message('m', 'ab'), waiting: null }]);
    await runs.attach();
    sends[0]?.(frame(3, 3, 'stale'));
    display();
    expect(words()).toBe('ab');
    expect(acked).toEqual([]);
  });

  it('drops a delta the snapshot already holds', async () => {
    snapshots.push([
      { runId: 'r', conversationId: 'c', seq: 5, message: message('m', 'hello'), waiting: null },
    ]);
    await runs.attach();
    sends[0]?.(frame(1, 5, 'lo'));
    display();
    expect(words()).toBe('hello');
    expect(acked).toEqual([1]);
  });

  it('says which chat lost its run while the page was away', async () => {
    snapshots.push([{ runId: 'r', conversationId: 'c', seq: 1, message: message('m', 'a'), waiting: null }]);
    await runs.attach();
    await runs.attach();
    expect(listener.lost).toHaveBeenCalledWith('c');
    expect(runs.ofConversation('c')).toBeUndefined();
  });

  it('tells once that a run waits, once that it goes out, and that it goes on with another attempt', async () => {
    await runs.attach();
    await runs.begin(async () => receipt);
    const next = (seq: number, over: Partial<RunDelta>) => {
      const { frame: number, runs: deltas } = frame(seq, seq, '');
      sends[0]?.({ frame: number, runs: deltas.map((one) => ({ ...one, parts: [], ...over })) });
      display();
    };
    const waiting = (ahead: number) => ({
      target: { providerId: 'p', model: 'm' },
      limit: 'requests' as const,
      ahead,
      until: null,
      retry: null,
    });
    next(1, { waiting: waiting(2) });
    next(2, { waiting: waiting(1) });
    expect(listener.queued).toHaveBeenCalledTimes(1);
    expect(runs.ofMessage('m')?.waiting?.ahead).toBe(1);
    next(3, {});
    expect(listener.queued).toHaveBeenCalledTimes(2);
    expect(listener.rotated).not.toHaveBeenCalled();
    next(4, { attempts: [] });
    expect(listener.rotated).toHaveBeenCalledTimes(1);
  });

  it('knows from the snapshot what waits', async () => {
    const waiting = {
      target: { providerId: 'p', model: 'm' },
      limit: 'concurrent' as const,
      ahead: 0,
      until: null,
      retry: null,
    };
    snapshots.push([{ runId: 'r', conversationId: 'c', seq: 1, message: message('m'), waiting }]);
    await runs.attach();
    expect(runs.ofConversation('c')?.waiting).toEqual(waiting);
  });

  it('applies at once in a hidden page, where nothing is painted', async () => {
    await runs.attach();
    await runs.begin(async () => receipt);
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    sends[0]?.(frame(1, 1, 'unseen'));
    expect(words()).toBe('unseen');
    expect(acked).toEqual([1]);
  });
});
