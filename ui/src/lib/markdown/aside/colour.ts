import type { ElementContent, Root } from 'hast';
import { createLowlight } from 'lowlight';
import { grammars, inner } from './grammars';

/** The colours a piece of code can have; the number of each is its place here. */
export const colours = ['', 'key', 'str', 'num', 'fn', 'com'] as const;

const scopes: Record<string, (typeof colours)[number]> = {
  keyword: 'key',
  'selector-tag': 'key',
  name: 'key',
  section: 'key',
  operator: '',
  string: 'str',
  regexp: 'str',
  symbol: 'str',
  link: 'str',
  code: 'str',
  addition: 'str',
  number: 'num',
  literal: 'num',
  deletion: 'num',
  'selector-class': 'fn',
  'selector-id': 'fn',
  'selector-attr': 'fn',
  'selector-pseudo': 'fn',
  title: 'fn',
  built_in: 'fn',
  type: 'fn',
  attr: 'fn',
  attribute: 'fn',
  'template-tag': 'key',
  meta: 'fn',
  comment: 'com',
  quote: 'com',
  doctag: 'com',
};

const lowlight = createLowlight();

async function load(grammar: string): Promise<void> {
  if (lowlight.registered(grammar)) return;
  const module = await grammars[grammar]?.();
  if (module) lowlight.register(grammar, module.default);
}

function colourOf(node: ElementContent, inherited: number): number {
  if (node.type !== 'element') return inherited;
  const names = node.properties.className;
  const scope = Array.isArray(names) ? String(names[0]).replace(/^hljs-/, '') : '';
  const colour = Object.hasOwn(scopes, scope) ? scopes[scope] : undefined;
  return colour === undefined ? inherited : colours.indexOf(colour);
}

/** The colours of a text as pairs: how many UTF-16 units, and which colour. */
function flatten(root: Root): Uint32Array {
  const pairs: number[] = [];
  const waiting: [ElementContent, number][] = [];
  const push = (children: Root['children'], colour: number) => {
    for (let at = children.length - 1; at >= 0; at -= 1)
      waiting.push([children[at] as ElementContent, colour]);
  };
  push(root.children, 0);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, inherited] = next;
    if (node.type === 'element') {
      push(node.children, colourOf(node, inherited));
    } else if (node.type === 'text' && node.value !== '') {
      const last = pairs.length - 2;
      if (last >= 0 && pairs[last + 1] === inherited) pairs[last] = (pairs[last] ?? 0) + node.value.length;
      else pairs.push(node.value.length, inherited);
    }
  }
  return Uint32Array.from(pairs);
}

/** Reads a listing; null where nobody knows its language. */
export async function colourCode(grammar: string, code: string): Promise<Uint32Array | null> {
  if (!Object.hasOwn(grammars, grammar)) return null;
  await Promise.all([grammar, ...(inner[grammar] ?? [])].map(load));
  return flatten(lowlight.highlight(grammar, code));
}
