import type { AttachmentKind, Capabilities } from '$lib/ipc/bindings';
import { cannotTake, type Attached } from '$lib/state/composer/attached.svelte';

/** What about the attached files keeps a message from being sent. */
export type Obstacle =
  | { kind: 'reading' }
  | { kind: 'broken' | 'never'; names: string[] }
  | { kind: 'notTaken'; kinds: AttachmentKind[] };

export function obstacleOf(files: Attached[], can: Capabilities | null): Obstacle | null {
  const broken = files.filter((file) => file.fault !== null).map((file) => file.name);
  if (broken.length > 0) return { kind: 'broken', names: broken };
  const never = files.filter((file) => file.view?.kind === 'other').map((file) => file.name);
  if (never.length > 0) return { kind: 'never', names: never };
  const kinds = files.flatMap(({ view }) => (view && cannotTake(view.kind, can) ? [view.kind] : []));
  if (kinds.length > 0) return { kind: 'notTaken', kinds: [...new Set(kinds)] };
  return files.some((file) => file.busy) ? { kind: 'reading' } : null;
}

/** What a key press in the field asks for. Composition of letters is left alone. */
export function enterSends(event: KeyboardEvent, sendWith: 'enter' | 'mod-enter'): boolean {
  if (event.key !== 'Enter' || event.altKey || composing(event)) return false;
  const mod = event.ctrlKey || event.metaKey;
  if (mod) return !event.shiftKey;
  return sendWith === 'enter' && !event.shiftKey;
}

/** 229 is what WebKit reports for the Enter that ends a composition. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Whether an arrow in the field leaves the text: a recalled message as it was sent, or the text's edge. */
export function walksOff(field: HTMLTextAreaElement, by: -1 | 1, recalled: boolean): boolean {
  const { selectionStart: start, selectionEnd: end, value } = field;
  return recalled || (start === end && start === (by === -1 ? 0 : value.length));
}
