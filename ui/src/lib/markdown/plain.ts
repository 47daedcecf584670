import type { Nodes } from 'mdast';

/** The words of a node and all below it, for names and counts; without recursion, for a text may nest deeply. */
export function plainText(node: Nodes): string {
  let text = '';
  const waiting: Nodes[] = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if ('value' in next) text += next.value;
    else if ('alt' in next) text += next.alt ?? '';
    else if ('children' in next) waiting.push(...[...next.children].reverse());
  }
  return text;
}

/** A break as models write it into cells of tables; any other markup is shown as it was written. */
export const isBreak = (html: string): boolean => /^<br\s*\/?>$/i.test(html);
