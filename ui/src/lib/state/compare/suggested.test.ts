import { describe, expect, it } from 'vitest';
import type { ProviderView } from '$lib/ipc/bindings';
import { providers } from '$lib/ipc/fake/catalogue';
import { modelOf } from '$lib/targets';
import { suggestedLanes } from './suggested';

const ready = () => providers().filter((provider) => provider.ready);
const models = (working: ProviderView[], recent: { providerId: string; model: string }[] = []) =>
  suggestedLanes(working, recent).map((target) => modelOf(target)?.model);
const plain = (provider: ProviderView): ProviderView => ({
  ...provider,
  models: provider.models.map((model) => ({ ...model, favourite: false, shown: true })),
});

describe('the first comparison', () => {
  it('has one model of each provider before a second of any', () => {
    const working = ready().map(plain);
    const found = suggestedLanes(working, []);
    expect(found).toHaveLength(4);
    const first = found.slice(0, working.length).map((target) => modelOf(target)?.providerId);
    expect(new Set(first).size).toBe(Math.min(4, working.length));
    expect(new Set(found.map((target) => JSON.stringify(target))).size).toBe(4);
  });

  it('is filled up where there is one provider only, and has each model once', () => {
    const [one] = ready()
      .filter(({ models: all }) => all.length > 1)
      .map(plain);
    if (!one) throw new Error('no provider with two models');
    expect(models([one])).toHaveLength(Math.min(4, one.models.length));
    expect(new Set(models([one])).size).toBe(models([one]).length);
  });

  it('begins with what was used lately and with favourites', () => {
    const working = ready().map(plain);
    const last = working.findLast(({ category, models: all }) => category !== 'local' && all.length > 1);
    const model = last?.models.at(-1);
    if (!last || !model) throw new Error('no such provider');
    expect(models(working, [{ providerId: last.id, model: model.id }])[0]).toBe(model.id);
    const favoured = working.map((provider) =>
      provider.id === last.id
        ? { ...provider, models: provider.models.map((one) => ({ ...one, favourite: one === model })) }
        : provider,
    );
    expect(models(favoured)[0]).toBe(model.id);
  });

  it('is nothing where a person carries the prompts', () => {
    expect(models(ready().map((provider) => ({ ...provider, dialect: 'human-relay' })))).toEqual([]);
  });
});
