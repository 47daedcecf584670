import type { Frame, MessageView, PartDelta, RunDelta, RunSnapshot, Settled, Snapshot } from '../bindings';

type Pending = { parts: PartDelta[]; settled: Settled | null };
type Run = { runId: string; conversationId: string; message: MessageView; seq: number };

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
    const runs: RunSnapshot[] = [...this.#runs.values()].map(({ runId, conversationId, seq, message }) => ({
      runId,
      conversationId,
      seq,
      message: structuredClone(message),
      waiting: null,
    }));
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

  begin(runId: string, conversationId: string, message: MessageView): void {
    this.#runs.set(runId, { runId, conversationId, message, seq: 0 });
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
      pending = { run, parts: [], settled: null };
      this.#pending.set(runId, pending);
    }
    return pending;
  }

  #flush(): void {
    if (this.#waiting || this.#pending.size === 0 || !this.#send) return;
    const runs: RunDelta[] = [...this.#pending.values()].map(({ run, parts, settled }) => {
      run.seq += 1;
      const { runId, conversationId, message, seq } = run;
      return {
        runId,
        conversationId,
        messageId: message.id,
        seq,
        parts,
        waiting: null,
        attempts: null,
        settled,
      };
    });
    this.#pending.clear();
    this.#waiting = true;
    this.#frame += 1;
    this.#send(structuredClone({ frame: this.#frame, runs }));
  }
}
