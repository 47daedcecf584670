import { describe, expect, it } from 'vitest';
import type { AttachmentKind, EstimateView } from '$lib/ipc/bindings';
import { unknownCan } from '$lib/ipc/unknownCan';
import { Attached } from '$lib/state/composer/attached.svelte';
import { level, share } from './gauge';
import { enterSends, obstacleOf } from '$lib/prompt/readiness';

const unknown = unknownCan;
const kept = (name: string, kind: AttachmentKind) =>
  Attached.kept({ id: name, name, mediaType: '', bytes: 1, kind });

describe('what keeps a message from being sent', () => {
  it('is a file that the model is known not to take; what is not known is tried', () => {
    const files = [kept('a.png', 'image'), kept('b.png', 'image'), kept('c.txt', 'text')];
    expect(obstacleOf(files, unknown)).toBeNull();
    expect(obstacleOf(files, null)).toBeNull();
    expect(obstacleOf(files, { ...unknown, images: false })).toEqual({ kind: 'notTaken', kinds: ['image'] });
    expect(obstacleOf([kept('c.txt', 'text')], { ...unknown, images: false, pdf: false })).toBeNull();
    expect(obstacleOf([kept('d.pdf', 'pdf')], { ...unknown, pdf: false })).toEqual({
      kind: 'notTaken',
      kinds: ['pdf'],
    });
  });

  it('is a file of a kind that nobody is sent, one that failed, or one that is being read', () => {
    expect(obstacleOf([kept('a.zip', 'other')], null)).toEqual({ kind: 'never', names: ['a.zip'] });
    expect(obstacleOf([Attached.refused('dir', 'folder')], null)).toEqual({ kind: 'broken', names: ['dir'] });
    expect(obstacleOf([new Attached('slow.txt', 1)], null)).toEqual({ kind: 'reading' });
  });
});

describe('Enter', () => {
  const press = (init: KeyboardEventInit & { keyCode?: number } = {}) =>
    new KeyboardEvent('keydown', { key: 'Enter', ...init });

  it('sends alone, or with Ctrl, as the person chose', () => {
    expect(enterSends(press(), 'enter')).toBe(true);
    expect(enterSends(press({ shiftKey: true }), 'enter')).toBe(false);
    expect(enterSends(press(), 'mod-enter')).toBe(false);
    expect(enterSends(press({ ctrlKey: true }), 'mod-enter')).toBe(true);
    expect(enterSends(press({ metaKey: true }), 'mod-enter')).toBe(true);
    expect(enterSends(new KeyboardEvent('keydown', { key: 'a' }), 'enter')).toBe(false);
  });

  it('with Ctrl and Shift is for comparing, and ends a composition without sending', () => {
    for (const sendWith of ['enter', 'mod-enter'] as const) {
      expect(enterSends(press({ ctrlKey: true, shiftKey: true }), sendWith)).toBe(false);
      expect(enterSends(press({ isComposing: true }), sendWith)).toBe(false);
      expect(enterSends(press({ keyCode: 229 }), sendWith)).toBe(false);
    }
  });
});

describe('the gauge', () => {
  const estimate = (systemTokens: number, context: number | null): EstimateView => ({
    systemTokens,
    historyTokens: 0,
    cachedTokens: 0,
    textTokens: 0,
    attachmentTokens: 0,
    answerTokens: 500,
    context,
    costNano: null,
    promptNano: null,
    mostNano: null,
    mostAnswerTokens: null,
    warnings: [],
  });

  it('warns from 80 percent and fails from 95', () => {
    expect([79, 80, 94, 95, 200].map((used) => level(estimate(used, 100)))).toEqual([
      'calm',
      'warn',
      'warn',
      'err',
      'err',
    ]);
    expect(level(estimate(1e9, null))).toBe('calm');
    expect(share(estimate(50, 200))).toBe(25);
  });
});
