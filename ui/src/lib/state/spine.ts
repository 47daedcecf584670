import type { MessageStub, MessageView } from '$lib/ipc/bindings';

/** Messages from `from` up to, not with, `to`. */
export type Span = { from: number; to: number };

export function stubOf({ id, role, parts }: MessageView): MessageStub {
  return { id, role, size: parts.reduce((sum, { text }) => sum + text.length, 0) };
}

/**
 * The active branch after a receipt: a message that is known stays, a new version takes the place of the
 * old one and of all that followed it, anything else goes to the end.
 */
export function mergeSpine(spine: MessageStub[], fresh: MessageView[]): MessageStub[] {
  let merged = spine;
  for (const message of fresh) {
    if (merged.some((known) => known.id === message.id)) continue;
    const older = merged.findIndex((known) => message.versions.includes(known.id));
    merged = [...(older >= 0 ? merged.slice(0, older) : merged), stubOf(message)];
  }
  return merged;
}

/**
 * The messages to ask for next: those in sight first, then those around them from near to far, at most
 * `batch`. None where nothing is in sight.
 */
export function missing(
  spine: MessageStub[],
  { from, to }: Span,
  around: number,
  batch: number,
  has: (id: string) => boolean,
): string[] {
  const found: string[] = [];
  if (to <= from) return found;
  const look = (at: number) => {
    const id = spine[at]?.id;
    if (id !== undefined && found.length < batch && !has(id)) found.push(id);
  };
  for (let at = from; at < to; at += 1) look(at);
  for (let away = 1; away <= around && found.length < batch; away += 1) {
    look(from - away);
    look(to - 1 + away);
  }
  return found;
}

/** The loaded messages to forget so that no more than `most` are left: the farthest from the span first. */
export function surplus(
  spine: MessageStub[],
  { from, to }: Span,
  loaded: Iterable<string>,
  most: number,
  stays: (id: string) => boolean,
): string[] {
  const all = [...loaded];
  if (all.length <= most) return [];
  const places = new Map(spine.map(({ id }, at) => [id, at]));
  const far = (id: string) => {
    const at = places.get(id);
    if (at === undefined) return Infinity;
    return at < from ? from - at : at >= to ? at - to + 1 : 0;
  };
  return all
    .filter((id) => !stays(id) && far(id) > 0)
    .map((id) => ({ id, far: far(id) }))
    .sort((a, b) => b.far - a.far)
    .slice(0, all.length - most)
    .map(({ id }) => id);
}
