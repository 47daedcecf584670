import type { PartView } from '$lib/ipc/bindings';

/** Parts in their order, with sources that follow each other as one group. */
export function grouped(parts: PartView[]): (PartView | PartView[])[] {
  const groups: (PartView | PartView[])[] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (part.kind === 'citation' && Array.isArray(last)) last.push(part);
    else groups.push(part.kind === 'citation' ? [part] : part);
  }
  return groups;
}
