/** Which chats are chosen, and where a range begins. */
export type Selection = { readonly ids: ReadonlySet<string>; readonly anchor: string | null };

export const nothing: Selection = { ids: new Set(), anchor: null };

/** Takes one in, or out again. */
export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, anchor: id };
}

/** From the anchor to `to`, both with; without an anchor that stands in the order, from `from`. */
export function reach(
  { anchor }: Selection,
  order: readonly string[],
  to: string,
  from: string | null,
): Selection {
  const known = (id: string | null) => (id === null ? -1 : order.indexOf(id));
  const start = known(anchor) >= 0 ? anchor : known(from) >= 0 ? from : to;
  const [one, other] = [known(start), known(to)];
  if (one < 0 || other < 0) return nothing;
  return { ids: new Set(order.slice(Math.min(one, other), Math.max(one, other) + 1)), anchor: start };
}

export function all({ anchor }: Selection, order: readonly string[]): Selection {
  return { ids: new Set(order), anchor };
}

/** Without those that are no longer there. */
export function still(selection: Selection, order: readonly string[]): Selection {
  const here = new Set(order);
  const ids = new Set([...selection.ids].filter((id) => here.has(id)));
  if (ids.size === selection.ids.size) return selection;
  return { ids, anchor: selection.anchor !== null && here.has(selection.anchor) ? selection.anchor : null };
}
