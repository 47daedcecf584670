import { describe, expect, it } from 'vitest';
import type { ChatTarget } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { builtInRoute, route as routeOf } from '$lib/ipc/fake/routeScenes';
import { askedBy, isSame, keyOf, modelOf, serving, toModel, toRoute } from './targets';

const model = toModel({ providerId: 'p', model: 'm' });

describe('targets', () => {
  it('are the same where all that names them is', () => {
    const all: ChatTarget[] = [
      model,
      toModel({ providerId: 'p', model: 'n' }),
      toModel({ providerId: 'q', model: 'm' }),
      toRoute('p'),
      toRoute('p', 'm'),
      toRoute('p', 'n'),
      toRoute('q'),
    ];
    for (const one of all)
      for (const other of all) expect(isSame(one, structuredClone(other))).toBe(one === other);
    expect(new Set(all.map(keyOf)).size).toBe(all.length);
    expect(isSame(null, null)).toBe(true);
    expect(isSame(model, null)).toBe(false);
  });

  it('give the model of a provider, and none for a route', () => {
    expect(modelOf(model)).toEqual({ providerId: 'p', model: 'm' });
    expect(modelOf(toRoute('r', 'm'))).toBeNull();
    expect(modelOf(null)).toBeNull();
  });
});

describe('a route', () => {
  const all = providers();
  const [first, second] = all;
  if (!first || !second) throw new Error('the fake needs its providers');

  it('asks the providers of its targets, in its order, each once', () => {
    const route = routeOf('Careful', 'priority', [
      [second.id, 'a'],
      [first.id, 'b'],
      [second.id, 'c'],
    ]);
    expect(askedBy(route, null, all).map(({ id }) => id)).toEqual([second.id, first.id]);
    const gone = routeOf('Old', 'priority', [['gone', 'a']]);
    expect(askedBy(gone, null, all)).toEqual([]);
  });

  it('in my order asks whoever serves the model, by list or by mapping, and nobody who is off', () => {
    const builtIn = builtInRoute();
    const mapped = structuredClone(second);
    mapped.settings.modelMapping = [{ asked: 'gpt-5.4', sent: 'openai/gpt-5.4' }];
    expect(serving([first, mapped], 'gpt-5.4').map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(askedBy(builtIn, 'gpt-5.4', [{ ...first, enabled: false }, mapped])).toEqual([mapped]);
    expect(askedBy(builtIn, null, all)).toEqual([]);
  });
});
