import type { Backend } from '$lib/ipc/backend';
import type { CompareReceipt, Frame, MessageView, RunDelta, RunReceipt, Settled } from '$lib/ipc/bindings';
import { applyDelta, runFromSnapshot, type LiveRun } from '$lib/stream/reduce';

/** What the rest of the page hears from the stream. */
export type RunListener = {
  started(run: LiveRun): void;
  settled(run: LiveRun, settled: Settled): void;
  /** A reply that broke off is answered anew by a run that begins now. */
  replaced(receipt: RunReceipt): void;
  /** It waits for its turn now, or no longer. */
  queued(run: LiveRun): void;
  /** One attempt ended and another began. */
  rotated(run: LiveRun): void;
  /** A run went away while the page was not attached; only the store knows how it ended. */
  lost(conversationId: string): void;
  failed(error: unknown): void;
};

/**
 * Replies whose text is put on the page with one frame of the display; what is written besides follows with the next ones.
 * So many columns side by side take no longer a frame than two.
 */
const AT_ONCE = 2;
/** How long a frame may wait for the display before it is applied without it. */
const FRAME_PATIENCE_MS = 200;

/** Everything that is being answered, in any chat, from one stream. */
export class Runs {
  live = $state<Record<string, LiveRun>>({});

  readonly #backend: Backend;
  readonly #listener: RunListener;
  #attachment: string | undefined;
  /** Rises with each attach, so that frames of an older one are known and dropped. */
  #era = 0;
  #waiting: Frame | undefined;
  #cancelFrame: (() => void) | undefined;
  /** Commands on their way that will name a run; until they have, a run nobody knows may be theirs. */
  #expected = 0;
  #early = new Map<string, RunDelta[]>();

  constructor(backend: Backend, listener: RunListener) {
    this.#backend = backend;
    this.#listener = listener;
  }

  /** Attaches, or attaches again: the snapshot replaces what this page knew. */
  async attach(): Promise<void> {
    const era = ++this.#era;
    this.#drop();
    const early: Frame[] = [];
    let ready = false;
    const snapshot = await this.#backend.attach((frame) => {
      if (era !== this.#era) return;
      if (ready) this.#receive(frame);
      else early.push(frame);
    });
    if (era !== this.#era) return;
    const gone = Object.values(this.live).filter(
      (run) => !run.settled && !snapshot.runs.some((now) => now.runId === run.runId),
    );
    const live: Record<string, LiveRun> = {};
    for (const run of snapshot.runs) live[run.runId] = runFromSnapshot(run);
    this.live = live;
    this.#early.clear();
    this.#attachment = snapshot.attachment;
    for (const run of Object.values(this.live)) this.#listener.started(run);
    for (const run of gone) this.#listener.lost(run.conversationId);
    ready = true;
    for (const frame of early) this.#receive(frame);
  }

  detach(): void {
    this.#era += 1;
    this.#drop();
    this.#attachment = undefined;
    this.live = {};
    this.#early.clear();
  }

  setVisible(visible: boolean): void {
    if (this.#attachment) void this.#backend.setVisible(this.#attachment, visible).catch(() => this.#again());
  }

  /** Runs a command that starts a run, and takes the run in. */
  async begin(command: () => Promise<RunReceipt>): Promise<RunReceipt> {
    this.#expected += 1;
    try {
      const receipt = await command();
      this.#adopt(receipt);
      return receipt;
    } finally {
      this.#expected -= 1;
      if (this.#expected === 0 && this.#early.size > 0) this.#again();
    }
  }

  /** The same for a command that starts several. */
  async beginAll(command: () => Promise<CompareReceipt>): Promise<CompareReceipt> {
    this.#expected += 1;
    try {
      const receipt = await command();
      for (const { runId, messageId } of receipt.runs) {
        const message = receipt.messages.find(({ id }) => id === messageId);
        if (message) this.#take(runId, receipt.summary.id, message);
      }
      return receipt;
    } finally {
      this.#expected -= 1;
      if (this.#expected === 0 && this.#early.size > 0) this.#again();
    }
  }

  /** The message as the stream has it, where that is newer than what the store gave. */
  current(message: MessageView): MessageView {
    const run = this.ofMessage(message.id);
    if (!run) return message;
    return message.status === 'streaming' || !run.settled ? run.message : message;
  }

  ofMessage(messageId: string): LiveRun | undefined {
    return Object.values(this.live).findLast((run) => run.message.id === messageId);
  }

  ofConversation(conversationId: string): LiveRun | undefined {
    return Object.values(this.live).find((run) => run.conversationId === conversationId && !run.settled);
  }

  /** All that are under way in a conversation. */
  allOf(conversationId: string): LiveRun[] {
    return Object.values(this.live).filter((run) => run.conversationId === conversationId && !run.settled);
  }

  /** Forgets runs that are over; the store has them whole. */
  forgetSettled(conversationId: string): void {
    for (const [id, run] of Object.entries(this.live)) {
      if (run.settled && run.conversationId === conversationId) delete this.live[id];
    }
  }

  #adopt(receipt: RunReceipt): void {
    const message = receipt.messages.at(-1);
    if (message) this.#take(receipt.runId, receipt.summary.id, message);
  }

  #take(runId: string, conversationId: string, message: MessageView): void {
    if (this.live[runId]) return;
    this.live[runId] = {
      runId,
      conversationId,
      seq: 0,
      message,
      waiting: null,
      settled: message.status !== 'streaming',
    };
    const run = this.live[runId];
    if (!run) return;
    this.#listener.started(run);
    const early = this.#early.get(runId) ?? [];
    this.#early.delete(runId);
    for (const delta of early) this.#apply(delta);
  }

  #receive(frame: Frame): void {
    if (this.#waiting) this.#flush();
    this.#waiting = frame;
    if (document.hidden) {
      this.#flush();
      return;
    }
    this.#withDisplay(() => this.#step());
  }

  #withDisplay(act: () => void): void {
    const display = requestAnimationFrame(act);
    const patience = setTimeout(act, FRAME_PATIENCE_MS);
    this.#cancelFrame = () => {
      cancelAnimationFrame(display);
      clearTimeout(patience);
    };
  }

  /** Applies as much of the frame as one frame of the display takes. */
  #step(): void {
    const frame = this.#waiting;
    if (!frame || frame.runs.length <= AT_ONCE || document.hidden) {
      this.#flush();
      return;
    }
    this.#drop();
    this.#waiting = { ...frame, runs: frame.runs.slice(AT_ONCE) };
    this.#withDisplay(() => this.#step());
    for (const delta of frame.runs.slice(0, AT_ONCE)) this.#apply(delta);
  }

  /** Applies all of the frame that is left, and asks for the next one. */
  #flush(): void {
    const frame = this.#waiting;
    this.#drop();
    if (!frame) return;
    for (const delta of frame.runs) this.#apply(delta);
    if (this.#attachment) void this.#backend.ack(this.#attachment, frame.frame).catch(() => this.#again());
  }

  #apply(delta: RunDelta): void {
    const run = this.live[delta.runId];
    if (!run) {
      this.#early.set(delta.runId, [...(this.#early.get(delta.runId) ?? []), delta]);
      if (this.#expected === 0) this.#again();
      return;
    }
    const waited = run.waiting !== null;
    const silent = run.message.parts.length === 0;
    if (!applyDelta(run, delta)) return;
    if (silent && delta.parts.length > 0) run.firstAt = Date.now();
    if (delta.settled) {
      const { replacedBy } = delta.settled;
      if (replacedBy) {
        this.#listener.replaced(replacedBy);
        this.#adopt(replacedBy);
      }
      this.#listener.settled(run, delta.settled);
      return;
    }
    if (delta.attempts) this.#listener.rotated(run);
    if (waited !== (run.waiting !== null)) this.#listener.queued(run);
  }

  #drop(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    this.#waiting = undefined;
  }

  /** The snapshot knows what this page does not: a run begun elsewhere, or an attachment that is gone. */
  #again(): void {
    this.attach().catch((error: unknown) => this.#listener.failed(error));
  }
}
