import { t } from '$lib/i18n/en';
import type { Target } from '$lib/ipc/bindings';
import { modelOf } from '$lib/targets';
import type { App } from './app.svelte';

/** The model of the chat, where a list knows it: only such a one can be a favourite. */
export function favourable(app: App): { target: Target; favourite: boolean } | null {
  const target = modelOf(app.session?.chat.target ?? null);
  const provider = target ? app.session?.providers.byId(target.providerId) : undefined;
  const model = target ? provider?.models.find((known) => known.id === target.model) : undefined;
  return target && model ? { target, favourite: model.favourite } : null;
}

export async function toggleFavourite(app: App): Promise<void> {
  const own = favourable(app);
  if (own) await favour(app, own.target, !own.favourite);
}

/** Puts a model among the favourites, or takes it out. */
export async function favour(app: App, target: Target, favourite: boolean): Promise<void> {
  const { session } = app;
  if (!session) return;
  try {
    await session.providers.favour(target, favourite);
    const model = session.providers.byId(target.providerId)?.models.find(({ id }) => id === target.model);
    app.announcement = t.picker.favoured(model?.name ?? target.model, favourite);
  } catch (thrown) {
    app.complain(thrown);
  }
}
