import type { RouteTargetInput } from '$lib/ipc/bindings';

type Named = Pick<RouteTargetInput, 'target' | 'accountId'>;

/** A name for each target that stays with it while others come, go and move. Two alike are told apart by their order. */
export function keysOf(targets: readonly Named[]): string[] {
  const seen = new Map<string, number>();
  return targets.map(({ target, accountId }) => {
    const name = [target.providerId, target.model, accountId ?? ''].join(' ');
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** The list with one of it at another place; as it is where that one is gone. */
export function placed<T extends Named>(
  targets: readonly T[],
  key: string,
  to: (from: number) => number,
): T[] {
  const from = keysOf(targets).indexOf(key);
  const held = targets[from];
  if (!held) return [...targets];
  const others = targets.filter((_, at) => at !== from);
  const at = Math.max(0, Math.min(others.length, to(from)));
  return [...others.slice(0, at), held, ...others.slice(at)];
}

export function without<T extends Named>(targets: readonly T[], key: string): T[] {
  const at = keysOf(targets).indexOf(key);
  return targets.filter((_, other) => other !== at);
}

export function changed<T extends Named>(targets: readonly T[], key: string, edit: (held: T) => T): T[] {
  const at = keysOf(targets).indexOf(key);
  return targets.map((held, other) => (other === at ? edit(held) : held));
}
