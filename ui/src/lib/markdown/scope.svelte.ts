import type { Definition } from 'mdast';
import { getContext, setContext } from 'svelte';
import type { Block } from './parse';

const KEY = Symbol('scope');

/** What the blocks of one text know of each other: definitions may stand anywhere, also after their use. */
export class Scope {
  definitions = $state.raw<ReadonlyMap<string, Definition>>(new Map());
  notes = $state.raw<ReadonlySet<string>>(new Set());
  readonly uid: string;

  constructor(uid: string) {
    this.uid = uid;
  }

  /** Takes the definitions of all blocks; the first of a name counts. */
  read(blocks: Block[]): void {
    const definitions = new Map<string, Definition>();
    const notes = new Set<string>();
    for (const { node } of blocks) {
      if (node.type === 'definition' && !definitions.has(node.identifier))
        definitions.set(node.identifier, node);
      if (node.type === 'footnoteDefinition') notes.add(node.identifier);
    }
    if (!sameDefinitions(definitions, this.definitions)) this.definitions = definitions;
    if (notes.size !== this.notes.size || [...notes].some((name) => !this.notes.has(name)))
      this.notes = notes;
  }

  noteId(identifier: string, end: 'call' | 'note'): string {
    return `${this.uid}-${end}-${encodeURIComponent(identifier)}`;
  }
}

function sameDefinitions(
  one: ReadonlyMap<string, Definition>,
  other: ReadonlyMap<string, Definition>,
): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([name, { url }]) => other.get(name)?.url === url);
}

export function setScope(uid: string): Scope {
  return setContext(KEY, new Scope(uid));
}

/** Undefined where a block stands alone. */
export function getScope(): Scope | undefined {
  return getContext<Scope | undefined>(KEY);
}
