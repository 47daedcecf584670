import type { ModelView, ProviderView, Target } from '$lib/ipc/bindings';

/** A row that can be taken. */
export type Option = {
  key: string;
  provider: ProviderView;
  model: ModelView;
  usable: boolean;
  typed: boolean;
};

export type Group = { provider: ProviderView; usable: boolean; options: Option[] };

function matches(query: string, provider: ProviderView, model: ModelView): boolean {
  const text = `${provider.name} ${model.id} ${model.name ?? ''}`.toLowerCase();
  return query.split(/\s+/).every((word) => text.includes(word));
}

/**
 * What the picker shows, provider by provider, those that cannot be used last. The model of the chat is
 * always there, also where its provider no longer lists it; a name that no list has can be used as typed.
 */
export function groupsFor(
  providers: ProviderView[],
  usable: (provider: ProviderView) => boolean,
  typed: string,
  current: Target | null,
): Group[] {
  const query = typed.trim().toLowerCase();
  const sorted = [...providers].sort((a, b) => Number(usable(b)) - Number(usable(a)));
  return sorted.map((provider) => {
    const can = usable(provider);
    const option = (model: ModelView, isTyped = false): Option => ({
      key: `${provider.id} ${model.id}`,
      provider,
      model,
      usable: can,
      typed: isTyped,
    });
    const options = provider.models
      .filter((model) => query === '' || matches(query, provider, model))
      .map((m) => option(m));
    const extra = current?.providerId === provider.id ? current.model : null;
    if (extra !== null && !provider.models.some((model) => model.id === extra)) {
      const model = bare(extra);
      if (query === '' || matches(query, provider, model)) options.unshift(option(model));
    }
    const name = typed.trim();
    if (can && name !== '' && !/\s/.test(name) && !options.some(({ model }) => model.id === name)) {
      options.push(option(bare(name), true));
    }
    return { provider, usable: can, options };
  });
}

function bare(id: string): ModelView {
  return { id, name: null, context: null, inputNano: null, outputNano: null };
}
