import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageStub, MessageView } from '$lib/ipc/bindings';
import { mergeSpine, missing, surplus } from './spine';

const stub = (id: string): MessageStub => ({ id, role: 'assistant', size: 3 });
const message = (id: string, versions = [id]): MessageView => ({
  id,
  role: 'assistant',
  status: 'streaming',
  createdAt: 0,
  parts: [],
  attempts: [],
  versions,
  refused: null,
  merged: null,
  thumb: null,
});
const ids = (spine: MessageStub[]) => spine.map(({ id }) => id);
const spineOf = (length: number) => Array.from({ length }, (_, at) => stub(`m${at}`));

describe('a receipt', () => {
  it('adds new messages at the end', () => {
    expect(ids(mergeSpine([stub('u')], [message('x'), message('y')]))).toEqual(['u', 'x', 'y']);
  });

  it('leaves a message that goes on where it is', () => {
    const spine = [stub('u'), stub('x')];
    expect(mergeSpine(spine, [message('x')])).toBe(spine);
  });

  it('puts a new version in the place of the old one and of what followed', () => {
    const branch = ['u', 'x', 'u2', 'y'].map(stub);
    expect(ids(mergeSpine(branch, [message('z', ['x', 'z'])]))).toEqual(['u', 'z']);
    expect(ids(mergeSpine(branch, [message('v', ['u', 'v']), message('w')]))).toEqual(['v', 'w']);
  });
});

describe('what is fetched', () => {
  const spans = fc.tuple(fc.nat(300), fc.nat(30)).map(([from, more]) => ({ from, to: from + more }));

  it('is what is missing in sight first, then the nearest, never more than a batch', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        spans,
        fc.nat(40),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.nat(300)),
        (length, span, around, batch, have) => {
          const spine = spineOf(length);
          const loaded = new Set(have.map((at) => `m${at}`));
          const asked = missing(spine, span, around, batch, (id) => loaded.has(id));
          expect(asked.length).toBeLessThanOrEqual(batch);
          expect(new Set(asked).size).toBe(asked.length);
          if (span.to <= span.from) expect(asked).toEqual([]);
          const near = spine
            .map(({ id }, at) => ({ id, far: Math.max(span.from - at, at - span.to + 1, 0) }))
            .filter(({ id }) => !loaded.has(id));
          for (const id of asked) expect(near.some((known) => known.id === id)).toBe(true);
          const seen = near.filter(({ far }) => far === 0).length;
          const got = asked.filter((id) => near.some((known) => known.id === id && known.far === 0)).length;
          expect(got).toBe(Math.min(seen, batch));
        },
      ),
      { seed: 4_114 },
    );
  });

  it('goes to the end when asked for again and again', () => {
    const spine = spineOf(200);
    const loaded = new Set<string>();
    for (
      let asked = missing(spine, { from: 90, to: 100 }, 30, 40, (id) => loaded.has(id));
      asked.length > 0;
    ) {
      for (const id of asked) loaded.add(id);
      asked = missing(spine, { from: 90, to: 100 }, 30, 40, (id) => loaded.has(id));
    }
    expect(loaded.size).toBe(70);
    expect(loaded.has('m60') && loaded.has('m129')).toBe(true);
  });
});

describe('what is forgotten', () => {
  it('is the farthest, never what is in sight or must stay', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(299), { maxLength: 200 }),
        fc.nat(280),
        fc.nat(200),
        fc.nat(300),
        (have, from, most, stays) => {
          const span = { from, to: from + 12 };
          const loaded = have.map((at) => `m${at}`);
          const gone = new Set(surplus(spineOf(300), span, loaded, most, (id) => id === `m${stays}`));
          expect(gone.has(`m${stays}`)).toBe(false);
          const far = (id: string) => {
            const at = Number(id.slice(1));
            return Math.max(span.from - at, at - span.to + 1, 0);
          };
          const left = loaded.filter((id) => !gone.has(id) && id !== `m${stays}`);
          for (const id of gone) {
            expect(far(id)).toBeGreaterThan(0);
            for (const other of left) expect(far(other)).toBeLessThanOrEqual(far(id));
          }
          expect(loaded.length - gone.size).toBeLessThanOrEqual(Math.max(most, 13));
        },
      ),
      { seed: 4_115 },
    );
  });

  it('is first of all what left the branch', () => {
    expect(surplus(spineOf(4), { from: 0, to: 1 }, ['old', 'm0', 'm1'], 2, () => false)).toEqual(['old']);
  });
});
