import { t } from '$lib/i18n/en';
import type { Thumb, UnpricedModel } from '$lib/ipc/bindings';
import type { App } from '$lib/state/app.svelte';
import { dismissUnpriced } from '$lib/state/money';

/** What can be done with a message. Each takes the id of the message it is done with. */
export type MessageActions = {
  stop: () => void;
  retry: (id: string) => void;
  retryWith: (id: string) => void;
  goOn: (id: string) => void;
  version: (id: string) => void;
  branch: (id: string) => void;
  remove: (id: string) => void;
  /** What the person thinks of an answer; null takes it back. */
  thumb: (id: string, thumb: Thumb | null) => void;
  rewrite: (id: string) => void;
  cancelRewriting: () => void;
  saveRewritten: () => void;
  askRewritten: () => void;
  /** Opens the route with this id. */
  route: (id: string) => void;
  /** Reads anew who of the routes rests. */
  lookAtRoutes: () => void;
  /** Opens the provider with this id. */
  provider: (id: string) => void;
  /** A model that was used has no price: one is to be set, or not now. */
  setPrice: (model: UnpricedModel) => void;
  noPrice: (model: UnpricedModel) => void;
  /** Rejects with why the answer was not taken. */
  answerRelay: (id: string, text: string) => Promise<void>;
};

export function messageActions(app: App): MessageActions {
  const chat = () => app.session?.chat;
  const started = async (begin: ReturnType<NonNullable<typeof app.session>['chat']['retry']> | undefined) => {
    const receipt = await begin;
    if (receipt) app.sent(receipt.summary);
  };

  async function branch(id: string): Promise<void> {
    const from = chat()?.id;
    try {
      const view = await app.backend.branchOff(id);
      await app.showChat(view);
      app.toasts.show(t.messages.branched, {
        ...(from ? { action: { label: t.messages.back, run: () => void app.openChat(from) } } : {}),
      });
    } catch (thrown) {
      app.complain(thrown);
    }
  }

  async function setDeleted(ids: string[], deleted: boolean): Promise<void> {
    const view = await app.backend.deleteMessages(ids, deleted);
    const open = chat();
    if (open?.id === view.summary.id) open.show(view);
    app.session?.list.put(view.summary);
  }

  async function remove(id: string): Promise<void> {
    const ids = chat()?.deletedWith(id) ?? [];
    if (ids.length === 0) return;
    try {
      await setDeleted(ids, true);
      app.undoable(t.messages.deleted(ids.length), () => setDeleted(ids, false));
    } catch (thrown) {
      app.complain(thrown);
    }
  }

  return {
    stop: () => void chat()?.stop(),
    retry: (id) => void started(chat()?.retry(id, null)),
    retryWith: (id) => (app.picker = { retry: id }),
    goOn: (id) => void started(chat()?.continueMessage(id)),
    version: (id) => void chat()?.selectVersion(id),
    branch: (id) => void branch(id),
    remove: (id) => void remove(id),
    thumb: (id, thumb) =>
      chat()
        ?.rate(id, thumb)
        .catch((thrown: unknown) => app.complain(thrown)),
    rewrite: (id) => chat()?.rewrite(id),
    cancelRewriting: () => {
      const open = chat();
      if (open) open.rewriting = null;
    },
    saveRewritten: () => void chat()?.saveRewritten(),
    askRewritten: () => void started(chat()?.askRewritten()),
    route: (id) => app.openRoute(id),
    lookAtRoutes: () => void app.session?.routes.refresh().catch(() => undefined),
    provider: (id) => app.openProvider(id),
    setPrice: ({ providerId, model }) => app.session?.prices.begin({ providerId, model }),
    noPrice: (model) => void dismissUnpriced(app, model),
    answerRelay: (id, text) => app.answerRelay(id, text),
  };
}
