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
 * What the picker shows of the models that are to be shown, provider by provider, those that cannot be used last. The model of the chat is
 * always there, also where its provider no longer lists it.
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
    const extra = current?.providerId === provider.id ? current.model : null;
    const lost = extra !== null && !provider.models.some((model) => model.id === extra) ? [bare(extra)] : [];
    const offered = provider.models.filter((model) => model.shown || model.id === extra);
    const models = [...lost, ...offered].filter((model) => query === '' || matches(query, provider, model));
    return { provider, usable: can, options: models.map((model) => optionOf(provider, model, can, false)) };
  });
}

/** A name that no list has, as it was typed, for each provider that could be asked for it. */
export function typedOptions(
  providers: ProviderView[],
  usable: (provider: ProviderView) => boolean,
  typed: string,
): Option[] {
  const id = typed.trim();
  if (id === '' || /\s/.test(id)) return [];
  return providers
    .filter((provider) => usable(provider) && !provider.models.some((model) => model.id === id))
    .map((provider) => optionOf(provider, bare(id), true, true));
}

function optionOf(provider: ProviderView, model: ModelView, usable: boolean, typed: boolean): Option {
  return { key: `${typed ? '=' : ''}${provider.id} ${model.id}`, provider, model, usable, typed };
}

function bare(id: string): ModelView {
  return {
    id,
    name: null,
    context: null,
    inputNano: null,
    outputNano: null,
    shown: true,
    favourite: false,
    can: { images: null, pdf: null, audio: null, tools: null, reasoning: null },
  };
}
