import { t } from '$lib/i18n/en';
import type { BudgetView, OwnPriceView, Settled, UnpricedModel } from '$lib/ipc/bindings';
import type { App } from './app.svelte';
import { inputOf } from './budgets.svelte';

/** What a run cost is booked: budgets stand otherwise now, and a share of one may have been passed. */
export function booked(app: App, settled: Settled): void {
  const { session } = app;
  if (!session) return;
  session.budgets.changed();
  if (settled.attempts.some(({ cost }) => cost?.source === 'unknown')) session.unpriced.changed();
  for (const { budget, share } of settled.budgets) {
    // A notice is read out politely as it comes.
    app.toasts.show(t.budgets.warning(budget, share, Date.now()), {
      action: { label: t.budgets.look, run: () => app.show('budgets') },
    });
  }
}

/** Reads what is known of budgets and of models without a price. */
export function readMoney(app: App): void {
  app.session?.budgets.changed();
  app.session?.unpriced.changed();
}

/** Amounts came late: the sums of before are no longer true. */
export async function sumAgain(app: App): Promise<void> {
  const { session } = app;
  if (!session) return;
  try {
    session.spend = await app.backend.spend();
  } catch (thrown) {
    app.complain(thrown);
  }
  session.budgets.changed();
  session.providers.facts.changed();
}

/** Prices or budgets are others now: what hangs on them is reckoned anew, and a refusal of before means nothing. */
export function reckonAgain(app: App): void {
  const chat = app.session?.chat;
  if (chat && (chat.refusal?.budgets.length ?? 0) > 0) {
    chat.refusal = null;
    chat.anyway = null;
  }
  chat?.composer.forecast.now();
  app.session?.costs.changed();
}

/** Not now: the model stays without a price, and is not asked about again. */
export async function dismissUnpriced(app: App, model: UnpricedModel): Promise<void> {
  try {
    await app.session?.unpriced.dismiss(model);
    app.announcement = t.prices.unpriced.dismissed(model.model);
  } catch (thrown) {
    app.complain(thrown);
  }
}

export async function removeBudget(app: App, budget: BudgetView): Promise<void> {
  const budgets = app.session?.budgets;
  try {
    await budgets?.remove(budget.id);
  } catch (thrown) {
    app.complain(thrown);
    return;
  }
  reckonAgain(app);
  app.undoable(t.budgets.removed(budget), async () => {
    await budgets?.save(inputOf(budget, null));
    reckonAgain(app);
    app.announcement = t.budgets.restored(budget);
  });
}

export async function removePrice(app: App, price: OwnPriceView): Promise<void> {
  const prices = app.session?.prices;
  const { providerId, model, validFrom, rates } = price;
  try {
    await prices?.remove(price);
  } catch (thrown) {
    app.complain(thrown);
    return;
  }
  reckonAgain(app);
  app.undoable(t.prices.removed(model), async () => {
    await prices?.save({ id: null, providerId, model, validFrom, rates, bookLate: false });
    reckonAgain(app);
  });
}
