import type {
  AttemptView,
  Frame,
  MessageView,
  PartDelta,
  RunDelta,
  RunSnapshot,
  Settled,
  Snapshot,
  WaitingView,
} from '../bindings';

type Pending = { parts: PartDelta[]; attempts: AttemptView[] | null; settled: Settled | null };
type Run = {
  runId: string;
  conversationId: string;
  message: MessageView;
  seq: number;
  waiting: WaitingView | null;
};

/**
 * The stream of one window as the shell keeps it: at most one frame is on its way, and what comes
 * meanwhile is joined into the next.
 */
export class FakeStream {
  #runs = new Map<string, Run>();
  #pending = new Map<string, Pending & { run: Run }>();
  #send: ((frame: Frame) => void) | undefined;
  #attachment = '';
  #attachments = 0;
  #frame = 0;
  #waiting = false;

  attach(send: (frame: Frame) => void): Snapshot {
    this.#send = send;
    this.#attachment = `w-${++this.#attachments}`;
    this.#waiting = false;
    this.#pending.clear();
    const runs: RunSnapshot[] = [...this.#runs.values()].map(
      ({ runId, conversationId, seq, message, waiting }) => ({
        runId,
        conversationId,
        seq,
        message: structuredClone(message),
        waiting,
      }),
    );
    return { attachment: this.#attachment, runs };
  }

  ack(attachment: string, frame: number): boolean {
    if (attachment !== this.#attachment) return false;
    if (frame === this.#frame) {
      this.#waiting = false;
      this.#flush();
    }
    return true;
  }

  /** The run that writes a message, while it runs. */
  runOf(messageId: string): string | null {
    return [...this.#runs.values()].find(({ message }) => message.id === messageId)?.runId ?? null;
  }

  begin(runId: string, conversationId: string, message: MessageView): void {
    this.#runs.set(runId, { runId, conversationId, message, seq: 0, waiting: null });
  }

  /** Its turn has not come, or has come where there is nothing. */
  wait(runId: string, waiting: WaitingView | null): void {
    const pending = this.#pendingOf(runId);
    if (!pending) return;
    pending.run.waiting = waiting;
    this.#flush();
  }

  /** One attempt of its message ended and another began. */
  rotate(runId: string): void {
    const pending = this.#pendingOf(runId);
    if (!pending) return;
    pending.attempts = pending.run.message.attempts;
    this.#flush();
  }

  append(runId: string, delta: PartDelta): void {
    const pending = this.#pendingOf(runId);
    if (!pending) return;
    const last = pending.parts.at(-1);
    if (last?.ordinal === delta.ordinal) last.append += delta.append;
    else pending.parts.push({ ...delta });
    const part = pending.run.message.parts.find((known) => known.ordinal === delta.ordinal);
    if (part) part.text += delta.append;
    else {
      const { ordinal, kind, attemptId, name, title, append } = delta;
      pending.run.message.parts.push({
        ordinal,
        kind,
        attemptId,
        name,
        title,
        text: append,
        isError: false,
        attachment: null,
      });
    }
    this.#flush();
  }

  settle(runId: string, settled: Settled): void {
    const pending = this.#pendingOf(runId);
    if (!pending) return;
    pending.settled = settled;
    this.#runs.delete(runId);
    this.#flush();
  }

  #pendingOf(runId: string): (Pending & { run: Run }) | undefined {
    const run = this.#runs.get(runId);
    if (!run) return undefined;
    let pending = this.#pending.get(runId);
    if (!pending) {
      pending = { run, parts: [], attempts: null, settled: null };
      this.#pending.set(runId, pending);
    }
    return pending;
  }

  #flush(): void {
    if (this.#waiting || this.#pending.size === 0 || !this.#send) return;
    const runs: RunDelta[] = [...this.#pending.values()].map(({ run, parts, attempts, settled }) => {
      run.seq += 1;
      const { runId, conversationId, message, seq, waiting } = run;
      return {
        runId,
        conversationId,
        messageId: message.id,
        seq,
        parts,
        waiting,
        attempts,
        settled,
      };
    });
    this.#pending.clear();
    this.#waiting = true;
    this.#frame += 1;
    this.#send(structuredClone({ frame: this.#frame, runs }));
  }
}
