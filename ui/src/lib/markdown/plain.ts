import type { Nodes } from 'mdast';

/** The words of a node and all below it, for names and counts. */
export function plainText(node: Nodes): string {
  if ('value' in node) return node.value;
  if ('children' in node) return node.children.map(plainText).join('');
  return '';
}

/**
 * Whether a `$…$` span reads as mathematics. Prices do not: "$5 and $6" has a blank before its closing
 * sign, and so is text.
 */
export function isMathSpan(value: string, after: string): boolean {
  return value !== '' && !/^\s|\s$/.test(value) && !/^\d/.test(after);
}

/** Only web and mail addresses are shown as links; any other scheme stays plain text with its address. */
export function isWebAddress(url: string): boolean {
  return /^(https?:\/\/|mailto:)/i.test(url);
}
