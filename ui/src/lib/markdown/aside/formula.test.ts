import { describe, expect, it } from 'vitest';
import { formulaTree, type MathTree } from './formula';

const flat = (tree: MathTree): MathTree[] => [
  tree,
  ...tree.children.flatMap((child) => (typeof child === 'string' ? [] : flat(child))),
];
const words = (tree: MathTree | null): string =>
  tree?.children.map((child) => (typeof child === 'string' ? child : words(child))).join('') ?? '';

describe('a formula', () => {
  it('becomes a tree of MathML without its source', () => {
    const tree = formulaTree('\\frac{a}{b} \\qquad x_1^2', true) as MathTree;
    expect(tree.tag).toBe('math');
    expect(tree.attributes.display).toBe('block');
    const tags = flat(tree).map((node) => node.tag);
    expect(tags).toContain('mfrac');
    expect(tags).toContain('mspace');
    expect(tags).not.toContain('annotation');
    expect(words(tree)).not.toContain('\\');
  });

  it('writes letters of other alphabets as such', () => {
    expect(words(formulaTree('\\mathbb{R}\\mathcal{L}\\mathbf{x1}\\mathfrak{C}', false))).toContain('ℝℒ𝐱𝟏ℭ');
  });

  it.each([
    '\\href{javascript:alert(1)}{x}',
    '\\url{https://canary.invalid}',
    '\\includegraphics{https://canary.invalid/i.png}',
    '\\text{<img src=x onerror=alert(1)>}',
    '\\color{red}{x}',
    '\\cancel{x}\\boxed{y}',
    '\\fcolorbox{red}{blue}{x}',
  ])('holds nothing that acts: %s', (source) => {
    const tree = formulaTree(source, false);
    for (const { tag, attributes } of tree ? flat(tree) : []) {
      expect(tag).toMatch(/^m[a-z]+$|^none$/);
      for (const name of Object.keys(attributes))
        expect(name).not.toMatch(/^(href|src|style|class|id|on.*)$/);
      expect(Object.values(attributes).join(' ')).not.toMatch(/[:;<>()"']/);
    }
  });

  it.each([
    ['markup', '\\htmlData{x=y}{z}'],
    ['no LaTeX', '\\frac{1'],
    ['an endless macro', '\\def\\x{\\x\\x}\\x'],
    ['macros that grow', '\\def\\a#1{#1#1#1#1}\\def\\b#1{\\a{\\a{\\a{#1}}}}\\b{\\b{\\b{x}}}'],
    ['1 MB', 'x+'.repeat(500_000)],
    ['deep nesting', `${'{'.repeat(500)}x${'}'.repeat(500)}${'\\sqrt{'.repeat(300)}x${'}'.repeat(300)}`],
  ])('is given up where it is %s', (_name, source) => expect(formulaTree(source, true)).toBeNull());

  it('bounds sizes', () => {
    const tree = formulaTree('\\rule{99999em}{1em}', false) as MathTree;
    const widths = flat(tree).map((node) => Number.parseFloat(node.attributes.width ?? '0'));
    expect(Math.max(...widths)).toBeLessThanOrEqual(40);
  });
});
