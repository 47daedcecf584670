import type { MessageView, PartDelta, RunDelta, RunSnapshot, WaitingView } from '$lib/ipc/bindings';

/** A reply as this page knows it. `seq` is the last delta it holds. */
export type LiveRun = {
  runId: string;
  conversationId: string;
  seq: number;
  message: MessageView;
  /** Present while it waits for its turn. */
  waiting: WaitingView | null;
  settled: boolean;
  /** When its first text came to this page; absent before that, and where the page came later. */
  firstAt?: number;
};

export function runFromSnapshot(snapshot: RunSnapshot): LiveRun {
  const { runId, conversationId, seq, message, waiting } = snapshot;
  return { runId, conversationId, seq, message, waiting, settled: false };
}

function appendPart(message: MessageView, delta: PartDelta): void {
  const part = message.parts.find((known) => known.ordinal === delta.ordinal);
  if (part) {
    part.text += delta.append;
    if (delta.name !== null) part.name = delta.name;
    return;
  }
  const { ordinal, kind, attemptId, name, title, append } = delta;
  const after = message.parts.findIndex((known) => known.ordinal > ordinal);
  const fresh = { ordinal, kind, attemptId, text: append, name, title, isError: false, attachment: null };
  message.parts.splice(after < 0 ? message.parts.length : after, 0, fresh);
}

/**
 * Adds a delta to a run, in place. False where the run has it already, which is how a frame that was
 * sent twice leaves no trace.
 */
export function applyDelta(run: LiveRun, delta: RunDelta): boolean {
  if (delta.seq <= run.seq || run.settled) return false;
  run.seq = delta.seq;
  run.waiting = delta.settled ? null : delta.waiting;
  if (delta.attempts) run.message.attempts = delta.attempts;
  for (const part of delta.parts) appendPart(run.message, part);
  if (delta.settled) {
    run.settled = true;
    run.message.status = delta.settled.status;
    run.message.attempts = delta.settled.attempts;
  }
  return true;
}
